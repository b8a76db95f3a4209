// Sandbox: what confines a child process, and how the daemon tells futured-sandbox, the helper that applies it.
//
//   none    its own process group; descriptors closed; signals as new. What is always so.
//   basic   also: a clean environment, no new privileges, no core files, the limits below; orphans that it leaves are
//           ended with it.
//   strict  also: user, mount, PID, IPC and network namespaces of its own, a private /tmp, no capabilities, a seccomp
//           filter, Landlock. Refused where the kernel lacks a layer; the message names it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/core/status.h"

namespace futured::exec {

enum class SandboxProfile { kNone, kBasic, kStrict };

// Limits of one child process and what it starts. 0: none.
struct ResourceLimits {
  // Address space, bytes.
  std::uint64_t max_memory = 0;
  // Processor time, whole seconds.
  std::uint64_t max_cpu_seconds = 0;
  // Processes and threads of the user that it runs as.
  std::uint64_t max_processes = 0;
  // Of a file that it writes, bytes.
  std::uint64_t max_file_size = 0;
  // Open descriptors.
  std::uint64_t max_open_files = 0;
};

struct Sandbox {
  SandboxProfile profile = SandboxProfile::kBasic;
  ResourceLimits limits;
};

// "none", "basic", "strict".
core::Result<SandboxProfile> parse_sandbox_profile(std::string_view name);
std::string_view to_string(SandboxProfile profile);

// The layers that a sandbox applies, for people: "process group, no new privileges, …".
std::string describe(const Sandbox& sandbox);
// kFailedPrecondition or kInvalidArgument naming the layer that this machine cannot give. Blocks while it tries: for
// the start.
core::Result<void> check_sandbox(const Sandbox& sandbox, const std::string& helper);

// The helper's command line: it applies the sandbox to itself, then executes `argv`, whose first is an absolute path.
std::vector<std::string> sandboxed(const Sandbox& sandbox, const std::string& helper,
                                   const std::vector<std::string>& argv);

}  // namespace futured::exec
