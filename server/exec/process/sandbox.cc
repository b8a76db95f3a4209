#include "server/exec/process/sandbox.h"

#include <unistd.h>

namespace futured::exec {
namespace {

constexpr std::string_view kProfileNames[] = {"none", "basic", "strict"};

}  // namespace

core::Result<SandboxProfile> parse_sandbox_profile(std::string_view name) {
  for (const auto profile : {SandboxProfile::kNone, SandboxProfile::kBasic, SandboxProfile::kStrict}) {
    if (to_string(profile) == name) return profile;
  }
  return core::failure(core::Reason::kSettingInvalid,
                       "no sandbox profile \"" + std::string(name) + "\"; there are none, basic and strict");
}

std::string_view to_string(SandboxProfile profile) { return kProfileNames[static_cast<std::size_t>(profile)]; }

std::string describe(const Sandbox& sandbox) {
  std::string text(to_string(sandbox.profile));
  text += ": process group, closed descriptors, guard";
  if (sandbox.profile == SandboxProfile::kNone) return text;
  text += ", no new privileges, no core files";
  if (sandbox.profile == SandboxProfile::kStrict) {
    text +=
        ", user, mount, PID, IPC and network namespaces, read-only mounts, private /tmp, no capabilities, seccomp, "
        "Landlock";
  }
  for (const LimitOption& option : kLimitOptions) {
    const std::uint64_t limit = sandbox.limits.*option.limit;
    if (limit != 0) text += std::string(", ") + option.name + " <= " + std::to_string(limit) + option.unit;
  }
  return text;
}

std::vector<std::string> sandboxed(const Sandbox& sandbox, const std::string& helper, const std::string& writable,
                                   const std::vector<std::string>& files, const std::vector<std::string>& argv) {
  std::vector<std::string> command = {helper, "--profile=" + std::string(to_string(sandbox.profile)),
                                      "--parent=" + std::to_string(::getpid())};
  if (!writable.empty()) command.push_back("--writable=" + writable);
  if (sandbox.profile == SandboxProfile::kStrict) {
    command.push_back("--file=" + argv.front());
    for (const std::string& file : files) command.push_back("--file=" + file);
  }
  for (const LimitOption& option : kLimitOptions) {
    const std::uint64_t limit = sandbox.limits.*option.limit;
    if (limit != 0) command.emplace_back(std::string("--") + option.name + "=" + std::to_string(limit));
  }
  command.emplace_back("--");
  command.insert(command.end(), argv.begin(), argv.end());
  return command;
}

}  // namespace futured::exec
