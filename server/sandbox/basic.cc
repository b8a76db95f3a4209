#include "server/sandbox/basic.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>

#include "server/sandbox/layer.h"

namespace futured::sandbox {
namespace {

// Of 1000: well above a daemon, which has 0 or less.
constexpr int kOomScore = 500;

using ResourceKind = decltype(RLIMIT_CORE);

// Never above what it has already: that would take privileges.
void limit(ResourceKind resource, rlim_t soft, rlim_t hard, const char* name) {
  rlimit old{};
  ::getrlimit(resource, &old);
  const rlimit value = {std::min(soft, old.rlim_max), std::min(hard, old.rlim_max)};
  if (::setrlimit(resource, &value) != 0) missing("limits", std::string("cannot limit ") + name);
}

void raise_oom_score() {
  int score = 0;
  std::ifstream("/proc/self/oom_score_adj") >> score;
  std::ofstream file("/proc/self/oom_score_adj");
  file << std::max(score, kOomScore) << std::flush;
  if (!file) missing("memory priority", "cannot write /proc/self/oom_score_adj");
}

}  // namespace

void end_with_parent(pid_t parent) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) missing("parent-death signal", "prctl");
  if (parent != 0 && ::getppid() != parent) ::_exit(exec::kSandboxFailed);
}

void keep_orphans() {
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) missing("subreaper", "prctl");
}

void give_up_privileges() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) missing("no new privileges", "prctl");
  ::umask(077);
  limit(RLIMIT_CORE, 0, 0, "core files");
  raise_oom_score();
}

void apply(const exec::ResourceLimits& limits) {
  const auto apply_one = [](ResourceKind resource, std::uint64_t value, std::uint64_t grace, const char* name) {
    if (value != 0) limit(resource, value, value + grace, name);
  };
  apply_one(RLIMIT_AS, limits.max_memory, 0, "memory");
  // With a grace, so that the cause shows as SIGXCPU.
  apply_one(RLIMIT_CPU, limits.max_cpu_seconds, 1, "processor time");
  apply_one(RLIMIT_NPROC, limits.max_processes, 0, "processes");
  apply_one(RLIMIT_FSIZE, limits.max_file_size, 0, "the size of files");
  apply_one(RLIMIT_NOFILE, limits.max_open_files, 0, "open files");
}

}  // namespace futured::sandbox
