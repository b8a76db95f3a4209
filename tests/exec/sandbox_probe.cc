// sandbox_probe WHAT: a child process that tells what it can see and do.
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr int kHighestDescriptor = 4096;
constexpr int kNoMemory = 9;

int list_descriptors() {
  for (int i = 0; i < kHighestDescriptor; ++i) {
    if (::fcntl(i, F_GETFD) >= 0) std::printf("%d ", i);
  }
  return 0;
}

// Uses so many MiB.
int use_memory(std::size_t mebibytes) {
  const std::size_t size = mebibytes << 20;
  auto* memory = static_cast<volatile char*>(std::malloc(size));
  if (memory == nullptr) return kNoMemory;
  for (std::size_t i = 0; i < size; i += 4096) memory[i] = 1;
  return 0;
}

// Says "ready" when so many threads run, and goes on for ever.
int run_threads(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    std::thread([] {
      for (;;) ::pause();
    }).detach();
  }
  std::puts("ready");
  std::fflush(stdout);
  for (;;) ::pause();
}

// One line for each call: its name, and "done" or why not.
int try_forbidden() {
  const std::vector<std::pair<const char*, std::function<long()>>> attempts = {
      {"ptrace", [] { return ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr); }},
      {"process_vm_readv", [] { return ::process_vm_readv(::getpid(), nullptr, 0, nullptr, 0, 0); }},
      {"mount", [] { return ::mount("none", "/tmp", "tmpfs", 0, nullptr); }},
      {"chroot", [] { return ::chroot("/tmp"); }},
      {"bpf", [] { return ::syscall(SYS_bpf, 0, nullptr, 0); }},
      {"keyctl", [] { return ::syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1); }},
      {"io_uring_setup", [] { return ::syscall(SYS_io_uring_setup, 1, nullptr); }},
      {"userfaultfd", [] { return ::syscall(SYS_userfaultfd, 1); }},
      {"unshare", [] { return ::unshare(CLONE_NEWUSER); }},
      {"clone", [] { return ::syscall(SYS_clone, CLONE_NEWUSER, nullptr, nullptr, nullptr, nullptr); }},
      {"AF_UNIX", [] { return ::socket(AF_UNIX, SOCK_STREAM, 0); }},
      {"AF_PACKET", [] { return ::socket(AF_PACKET, SOCK_DGRAM, 0); }},
      {"AF_NETLINK", [] { return ::socket(AF_NETLINK, SOCK_RAW, 0); }},
      {"SOCK_RAW", [] { return ::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, 1); }},
  };
  for (const auto& [name, attempt] : attempts) {
    errno = 0;
    std::printf("%s: %s\n", name, attempt() >= 0 ? "done" : std::strerror(errno));
  }
  return 0;
}

// A system call by the convention of another architecture.
int call_foreign() {
#ifdef __x86_64__
  constexpr int kGetPid = 20;
  int result = kGetPid;
  asm volatile("int $0x80" : "+a"(result) : : "memory");
  return result > 0 ? 0 : 1;
#else
  return 1;
#endif
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "descriptors") return list_descriptors();
  if (what == "memory" && argc > 2) return use_memory(std::strtoul(argv[2], nullptr, 10));
  if (what == "threads" && argc > 2) return run_threads(std::strtoul(argv[2], nullptr, 10));
  if (what == "forbidden") return try_forbidden();
  if (what == "foreign") return call_foreign();
  return 2;
}
