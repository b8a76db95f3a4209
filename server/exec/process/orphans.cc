#include "server/exec/process/orphans.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <vector>

#include "server/exec/process/descendants.h"
#include "server/exec/process/pidfd.h"

namespace futured::exec {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kPatience = std::chrono::milliseconds(100);

std::vector<pid_t> find_orphans(const std::set<pid_t>& known) {
  std::vector<pid_t> orphans = children_of(::getpid());
  std::erase_if(orphans, [&known](pid_t pid) { return known.contains(pid); });
  return orphans;
}

// Reaps a child that was killed, if it ends before the deadline.
void reap(pid_t pid, Clock::time_point deadline) {
  const UniqueFd pidfd = open_pidfd(pid);
  if (pidfd) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd ended = {pidfd.get(), POLLIN, 0};
    ::poll(&ended, 1, left.count() > 0 ? static_cast<int>(left.count()) : 0);
  }
  ::waitpid(pid, nullptr, WNOHANG);
}

}  // namespace

bool end_orphans(const std::set<pid_t>& known) {
  const Clock::time_point deadline = Clock::now() + kPatience;
  for (;;) {
    const std::vector<pid_t> orphans = find_orphans(known);
    if (orphans.empty()) return true;
    if (Clock::now() >= deadline) return false;
    // All first: they could start more while one is waited for.
    for (const pid_t pid : orphans) ::kill(pid, SIGKILL);
    for (const pid_t pid : orphans) reap(pid, deadline);
  }
}

}  // namespace futured::exec
