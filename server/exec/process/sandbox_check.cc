#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "server/exec/process/sandbox.h"
#include "server/exec/process/spawn_launcher.h"

namespace futured::exec {
namespace {

constexpr int kPatienceMilliseconds = 10'000;
constexpr char kNothing[] = "/bin/true";

// What the helper said, on one line; what was written before it ended.
std::string read_complaint(int pipe) {
  char buffer[1024];
  const ssize_t size = ::read(pipe, buffer, sizeof buffer);
  std::string text(buffer, size > 0 ? static_cast<std::size_t>(size) : 0);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace

core::Result<void> check_sandbox(const Sandbox& sandbox, const std::string& helper) {
  if (sandbox.profile == SandboxProfile::kNone) {
    for (const LimitOption& option : kLimitOptions) {
      if (sandbox.limits.*option.limit == 0) continue;
      return core::failure(core::Reason::kSettingInvalid,
                           std::string("the sandbox profile none has no limits, but there is one on ") + option.name);
    }
  }
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
    return core::failure(core::Reason::kLaunchFailed, std::string("no pipe: ") + std::strerror(errno));
  }
  const UniqueFd complaint(ends[0]);
  const UniqueFd their_end(ends[1]);

  SpawnLauncher launcher(helper);
  const auto child = launcher.launch({.argv = {kNothing},
                                      .environment = {},
                                      .directory = "",
                                      .files = {},
                                      .descriptors = {-1, -1, their_end.get()},
                                      .sandbox = sandbox});
  if (!child) return tl::unexpected(child.error());
  pollfd ended = {child->pidfd.get(), POLLIN, 0};
  const bool in_time = ::poll(&ended, 1, kPatienceMilliseconds) > 0;
  if (!in_time) {
    launcher.signal_group(*child, SIGKILL);
    ::poll(&ended, 1, kPatienceMilliseconds);
  }
  const ExitStatus status = launcher.reap(*child).value_or(ExitStatus());
  if (in_time && status.signal == 0 && status.code == 0) return {};

  std::string why = read_complaint(complaint.get());
  if (why.empty()) why = in_time ? std::string(kNothing) + " " + status.to_string() : "did not end in time";
  return core::failure(core::Reason::kSandboxUnavailable,
                       "sandbox profile " + std::string(to_string(sandbox.profile)) + ": " + why);
}

}  // namespace futured::exec
