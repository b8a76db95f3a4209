#include "tests/exec/fault_functions.h"

#include <fcntl.h>
#include <sys/prctl.h>

#include <cstdio>
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

std::int64_t trace(const std::string& path, const std::string& name) {
  const int file = ::open((path + "/begun").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const std::string line = name + "\n";
  if (::write(file, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    throw std::runtime_error("cannot write to " + path);
  }
  ::close(file);
  return ::getpid();
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
  registry.add(kChatter, [](std::uint64_t lines) {
    for (; lines > 0; --lines) std::puts("a line of a function's own");
    std::fflush(stdout);
  });
  registry.add(kTrace, trace);
  registry.add(kDescriptors, open_descriptors);
  registry.add(kInitialize, [] { initialized = true; });
  registry.add(kInitializeBadly, [] { throw std::runtime_error("no licence"); });
  registry.add(kIsInitialized, [] { return initialized; });
}

}  // namespace futured::testing
