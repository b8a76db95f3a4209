// Sandbox: what confines a child process, and how the daemon tells futured-sandbox, the helper that applies it.
//
//   none    its own process group; descriptors closed; signals as new; a clean environment; a guard, which ends all
//           that it started, in whatever session, when it ends and when the daemon does, by whatever; see
//           server/sandbox/guard.h. What is always so.
//   basic   also: no new privileges, no core files, umask 077, first to go when memory is short, the limits below.
//   strict  also, with PID 1 of its namespace as the guard: user, mount, PID, IPC and network namespaces of its own, a
//           private /tmp in memory (256 MiB), no capabilities, a seccomp filter, and by read-only mounts and Landlock
//           no writing but to /tmp and its working directory. Refused where the kernel lacks a
//           layer; the message names it.
#pragma once

#include <csignal>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/core/status.h"

namespace futured::exec {

enum class SandboxProfile { kNone, kBasic, kStrict };

// Limits of one child process and what it starts. 0: none. The profile none has no limits.
struct ResourceLimits {
  // Address space of each process, bytes.
  std::uint64_t max_memory = 0;
  // Processor time of each process, or of each task of a worker, whole seconds: SIGXCPU.
  std::uint64_t max_cpu_seconds = 0;
  // Processes and threads of the user that it runs as. The kernel does not limit root.
  std::uint64_t max_processes = 0;
  // Of a file that it writes, bytes: SIGXFSZ.
  std::uint64_t max_file_size = 0;
  // Open descriptors.
  std::uint64_t max_open_files = 0;
};

struct Sandbox {
  SandboxProfile profile = SandboxProfile::kBasic;
  ResourceLimits limits;
};

// How the helper's command line calls a limit, as in --memory=1048576; and its unit, for people.
struct LimitOption {
  const char* name;
  const char* unit;
  std::uint64_t ResourceLimits::*limit;
};
inline constexpr LimitOption kLimitOptions[] = {
    {"memory", " bytes", &ResourceLimits::max_memory},   {"cpu", " s", &ResourceLimits::max_cpu_seconds},
    {"processes", "", &ResourceLimits::max_processes},   {"file-size", " bytes", &ResourceLimits::max_file_size},
    {"open-files", "", &ResourceLimits::max_open_files},
};

// "none", "basic", "strict".
core::Result<SandboxProfile> parse_sandbox_profile(std::string_view name);
std::string_view to_string(SandboxProfile profile);

// The layers that a sandbox applies, for people: "basic: process group, no new privileges, …".
std::string describe(const Sandbox& sandbox);
// kFailedPrecondition or kInvalidArgument naming the layer that this machine cannot give. Blocks while it tries: for
// the start. `helper` is the path of futured-sandbox.
core::Result<void> check_sandbox(const Sandbox& sandbox, const std::string& helper);

// The helper's command line: it forks, and the new process applies the sandbox to itself, then executes `argv`, whose
// first is an absolute path. It exits with kSandboxFailed or kNotExecutable, and a line on its standard error that says
// why, when it cannot. `writable`: its working directory, as absolute path, if it may write there; or empty. For a
// child of this process.
// `files`: absolute paths that are to be seen in every profile, as the program is.
std::vector<std::string> sandboxed(const Sandbox& sandbox, const std::string& helper, const std::string& writable,
                                   const std::vector<std::string>& files, const std::vector<std::string>& argv);
// Sent to the child, it ends all below; the child ends, as if killed, when they are gone.
inline constexpr int kEndAll = SIGPWR;
inline constexpr int kSandboxFailed = 126;
inline constexpr int kNotExecutable = 127;

}  // namespace futured::exec
