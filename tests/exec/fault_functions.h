// Functions that harm the process that runs them.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "futured/context.h"
#include "futured/registry.h"
#include "futured/task.h"
#include "tests/exec/rendezvous.h"

namespace futured::testing {

// Dies as the word says: "segfault", "abort", "exit 0", "exit 3", "stack overflow", "kill".
inline constexpr Task<void(std::string)> kDie{"fault.die"};
// Path of a rendezvous, word: announces itself, waits at the door "go", then dies as the word says.
inline constexpr Task<void(std::string, std::string)> kDieLater{"fault.die_later"};
// Path of a rendezvous: announces its pid, blocks SIGTERM and never returns.
inline constexpr Task<void(std::string)> kSpin{"fault.spin"};
// Path of a rendezvous: starts a child that never ends, announces the child's pid and waits for it.
inline constexpr Task<void(std::string)> kParent{"fault.parent"};
// Name: starts a daemon, a process in a session of its own, without a parent, that ignores what it can and takes the
// name when it does. Then does the same itself, and never returns.
inline constexpr Task<void(std::string)> kDaemonize{"fault.daemonize"};
// Computes for ever.
inline constexpr Task<void()> kLoop{"fault.loop"};
// Takes all the memory that it can get, and uses it; then does as the word says: "throw", "abort".
inline constexpr Task<void(std::string)> kExhaust{"fault.exhaust"};
// Name: becomes somebody without privileges, if it has any, takes the name, and forks again and again, and so do its
// children, as far as the limit on processes lets them; for half a minute. Throws when there is no limit.
inline constexpr Task<void(std::string)> kForkBomb{"fault.fork_bomb"};
// Writes so many MiB to standard output, all of them one line.
inline constexpr Task<void(std::uint64_t)> kSpam{"fault.spam"};
// A value that no message can hold: text that is none.
inline constexpr Task<std::string()> kUnencodable{"fault.unencodable"};
// Writes so many lines to standard output.
inline constexpr Task<void(std::uint64_t)> kChatter{"fault.chatter"};
// Path of a rendezvous, name: appends the name to the file "begun", and returns the pid.
inline constexpr Task<std::int64_t(std::string, std::string)> kTrace{"fault.trace"};
// Path of a rendezvous, name, microseconds: appends the name to the file "begun", computes for so long, appends the
// name and "done" or "stopped" to the file "ended"; cancelled if it was asked to stop.
inline constexpr Task<void(std::string, std::string, std::int64_t)> kWork{"fault.work"};
// The lowest descriptors that are open, as text: "0 1 2 3 4".
inline constexpr Task<std::string()> kDescriptors{"fault.descriptors"};
// Initializers.
inline constexpr Task<void()> kInitialize{"fault.initialize"};
inline constexpr Task<void()> kInitializeBadly{"fault.initialize_badly"};
inline constexpr Task<bool()> kIsInitialized{"fault.is_initialized"};

inline int overflow_stack(int depth) {  // NOLINT(misc-no-recursion)
  volatile char page[4096] = {};
  page[depth % 4096] = 1;
  return depth < 0 ? page[0] : overflow_stack(depth + 1) + page[1];
}

inline void die(const std::string& word) {
  if (word == "segfault") std::raise(SIGSEGV);
  if (word == "abort") std::abort();
  if (word == "exit 0") ::_exit(0);
  if (word == "exit 3") ::_exit(3);
  if (word == "stack overflow") overflow_stack(0);
  std::raise(SIGKILL);
}

void add_fault_functions(Registry& registry);

}  // namespace futured::testing
