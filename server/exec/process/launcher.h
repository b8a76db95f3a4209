// Launcher: starts child processes, and tells how they ended.
#pragma once

#include <sys/types.h>

#include <cstdint>
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
  // Working directory; empty: the daemon's.
  std::string directory;
  // Descriptor number i of the child is descriptors[i] of the daemon; negative: /dev/null. The child has no other.
  std::vector<int> descriptors;
  Sandbox sandbox;
};

// A child process, in a process group of its own whose number is its pid.
struct Child {
  pid_t pid = -1;
  // Becomes readable when it has ended; close-on-exec.
  UniqueFd pidfd;
};

// How a child ended.
struct ExitStatus {
  // The signal that killed it; 0: it exited with `code`.
  int signal = 0;
  int code = 0;
  // Peak of its resident memory, bytes.
  std::uint64_t peak_memory = 0;

  // "was killed by signal 11 (SIGSEGV)", "exited with code 3".
  std::string to_string() const;
};

// Used by one thread that lives as long as every child: children are killed when their parent thread ends.
class Launcher {
 public:
  virtual ~Launcher() = default;
  // Does not wait for the program. kUnavailable when the system has no process to give, kInvalidArgument when there is
  // no such program or directory.
  virtual core::Result<Child> launch(const Launch& launch) = 0;
  // REQUIRES: the pidfd is readable. Once for each child: then its pid may be another's.
  virtual ExitStatus reap(const Child& child) = 0;
  // Whether the child is stopped (SIGSTOP) at this moment.
  virtual bool is_stopped(const Child& child) = 0;
  // Sends a signal to the child's process group; to nobody when that is gone. REQUIRES: it is not reaped.
  virtual void signal_group(const Child& child, int signal) = 0;
  // Kills what children that have been reaped left behind and nobody knows: orphans that came to the daemon, their
  // subreaper. `known`: the pids of all living children.
  virtual void end_orphans(const std::vector<pid_t>& known) = 0;
};

}  // namespace futured::exec
