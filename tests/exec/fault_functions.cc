#include "tests/exec/fault_functions.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <stdexcept>
#include <vector>

namespace futured::testing {
namespace {

bool initialized = false;

void block_signals() {
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

void spin(const std::string& path) {
  block_signals();
  announce(path, std::to_string(::getpid()));
  for (;;) ::pause();
}

void be_a_parent(const std::string& path) {
  const pid_t child = ::fork();
  if (child == 0) {
    for (;;) ::pause();
  }
  announce(path, std::to_string(child));
  ::waitpid(child, nullptr, 0);
}

[[noreturn]] void stay(const std::string& name) {
  block_signals();
  ::prctl(PR_SET_NAME, name.c_str(), 0, 0, 0);
  for (;;) ::pause();
}

void daemonize(const std::string& name) {
  if (const pid_t child = ::fork(); child == 0) {
    ::setsid();
    if (::fork() == 0) stay(name);
    ::_exit(0);
  } else {
    ::waitpid(child, nullptr, 0);
  }
  stay(name);
}

void loop() {
  for (volatile std::uint64_t i = 0;;) i = i + 1;
}

void exhaust(const std::string& word) {
  constexpr std::size_t kBlock = std::size_t{1} << 20;
  for (;;) {
    void* block = word == "abort" ? std::malloc(kBlock) : ::operator new(kBlock);
    if (block == nullptr) std::abort();
    std::memset(block, 1, kBlock);
  }
}

void fork_bomb(const std::string& name) {
  constexpr rlim_t kMost = 2000;
  constexpr uid_t kNobody = 65534;
  rlimit limit{};
  ::getrlimit(RLIMIT_NPROC, &limit);
  // The kernel does not limit root.
  if (::geteuid() == 0 && ::setuid(kNobody) != 0) throw std::runtime_error("cannot become nobody");
  if (limit.rlim_cur > kMost) throw std::runtime_error("no limit on processes");
  ::prctl(PR_SET_NAME, name.c_str(), 0, 0, 0);
  // Longer than a test waits for anything: on a busy machine the bomb is slow, too.
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (std::chrono::steady_clock::now() < end) {
    if (::fork() == 0) ::setsid();
  }
  ::_exit(0);
}

void spam(std::uint64_t mebibytes) {
  const std::string block(std::size_t{1} << 20, 'x');
  for (; mebibytes > 0; --mebibytes) std::fwrite(block.data(), 1, block.size(), stdout);
  std::fflush(stdout);
}

void append_line(const std::string& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const std::string line = text + "\n";
  if (::write(file, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    throw std::runtime_error("cannot write to " + path);
  }
  ::close(file);
}

std::int64_t trace(const std::string& path, const std::string& name) {
  append_line(path + "/begun", name);
  return ::getpid();
}

void work(const Context& context, const std::string& path, const std::string& name, std::int64_t microseconds) {
  append_line(path + "/begun", name);
  const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(microseconds);
  while (std::chrono::steady_clock::now() < end) continue;
  const bool stopped = context.stop_requested();
  append_line(path + "/ended", name + (stopped ? " stopped" : " done"));
  if (stopped) throw Cancelled();
}

std::string open_descriptors() {
  std::string open;
  for (int number = 0; number < 1024; ++number) {
    if (::fcntl(number, F_GETFD) != -1) open += (open.empty() ? "" : " ") + std::to_string(number);
  }
  return open;
}

}  // namespace

void add_fault_functions(Registry& registry) {
  registry.add(kDie, die);
  registry.add(kDieLater, [](const std::string& path, const std::string& word) {
    announce(path, word);
    wait_at(path, "go", [] { return false; });
    die(word);
  });
  registry.add(kSpin, spin);
  registry.add(kParent, be_a_parent);
  registry.add(kDaemonize, daemonize);
  registry.add(kLoop, loop);
  registry.add(kExhaust, exhaust);
  registry.add(kForkBomb, fork_bomb);
  registry.add(kSpam, spam);
  registry.add(kUnencodable, [] { return std::string("\xff\xfe"); });
  registry.add(kChatter, [](std::uint64_t lines) {
    for (; lines > 0; --lines) std::puts("a line of a function's own");
    std::fflush(stdout);
  });
  registry.add(kTrace, trace);
  registry.add(kWork, work);
  registry.add(kDescriptors, open_descriptors);
  registry.add(kInitialize, [] { initialized = true; });
  registry.add(kInitializeBadly, [] { throw std::runtime_error("no licence"); });
  registry.add(kIsInitialized, [] { return initialized; });
}

}  // namespace futured::testing
