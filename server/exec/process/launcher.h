// Launcher: starts child processes, and tells how they ended.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/core/status.h"
#include "server/exec/process/sandbox.h"
#include "server/exec/process/unique_fd.h"

namespace futured::exec {

// What to start.
struct Launch {
  // The first is the absolute path of the program.
  std::vector<std::string> argv;
  // The whole environment, "NAME=value".
  std::vector<std::string> environment;
  // Working directory, an absolute path; empty: the daemon's. Only a directory named here is writable in `strict`.
  std::string directory;
  // Files that it reads and that are to be seen, like its program, even if they are below /tmp, which `strict` hides.
  std::vector<std::string> files;
  // Descriptor number i of the child is descriptors[i] of the daemon; negative, or missing below 3: /dev/null. The
  // child has no other.
  std::vector<int> descriptors;
  Sandbox sandbox;
};

// A child process, in a process group of its own whose number is its pid. It stands in for the program that it was
// launched for, which is one of its descendants, and ends as that does.
struct Child {
  pid_t pid = -1;
  // How far below it the program is.
  unsigned depth = 0;
  // Becomes readable when it has ended; close-on-exec.
  UniqueFd pidfd;
};

// How a child ended.
struct ExitStatus {
  // The signal that killed it; 0: it exited with `code`.
  int signal = 0;
  int code = 0;
  // Peak of its resident memory, bytes; 0: not known, as it was not more than the daemon's own.
  std::uint64_t peak_memory = 0;

  // "was killed by signal 11 (SIGSEGV)", "exited with code 3".
  std::string to_string() const;
};

// What to add to the news of a death that may have come from want of memory, "; it used up to 90 MiB of memory, its
// limit is 100 MiB"; empty for others.
std::string memory_note(const ExitStatus& status, const ResourceLimits& limits);

// Used by one thread that lives as long as every child: children are killed when their parent thread ends.
class Launcher {
 public:
  virtual ~Launcher() = default;
  // Does not wait for the program. kUnavailable when the system has no process to give, kInvalidArgument when there is
  // no such program or directory.
  virtual core::Result<Child> launch(const Launch& launch) = 0;
  // How it ended: once for each child, then its pid may be another's. Nothing: it has not ended; an event loop may
  // think a pidfd readable that has the number of an earlier one.
  virtual std::optional<ExitStatus> reap(const Child& child) = 0;
  // The program itself, for people and debuggers; the child while there is no other. REQUIRES: it is not reaped.
  virtual pid_t program_of(const Child& child) = 0;
  // Whether the child or its program is stopped (SIGSTOP) at this moment. REQUIRES: it is not reaped.
  virtual bool is_stopped(const Child& child) = 0;
  // Sends a signal to the child's process group; to nobody when that is gone. SIGKILL goes to all that it has started,
  // and the child ends when they are gone. REQUIRES: it is not reaped.
  virtual void signal_group(const Child& child, int signal) = 0;
};

}  // namespace futured::exec
