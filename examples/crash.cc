// Has a function crash among others that do their work: its own future fails, and nobody else notices.
#include <futured/futured.h>

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "examples/program.h"
#include "examples/tasks.h"

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kFirst = 9999999999999900;
constexpr std::uint64_t kCount = 20;

// The crash is the one in the middle. Its workers go on with what they had not begun.
void crash_among_others(const futured::Executor& executor) {
  std::vector<futured::Future<bool>> numbers;
  futured::Future<void> crash;
  for (std::uint64_t i = 0; i < kCount; ++i) {
    if (i == kCount / 2) crash = executor.submit(examples::crash);
    numbers.push_back(executor.submit(examples::is_prime, kFirst + i));
  }
  std::uint64_t primes = 0;
  for (const auto& prime : numbers) primes += prime.result() ? 1 : 0;
  std::printf("%" PRIu64 " of %zu numbers from %" PRIu64 " are prime\n", primes, numbers.size(), kFirst);

  try {
    crash.result();
  } catch (const futured::TaskError& error) {
    std::printf("the crash: %s\n", error.what());
  }
}

}  // namespace

int main(int argc, char** argv) {
  examples::Program program("Has a function crash among others, on an executor of kind \"process\".");
  std::string executor_name = "cpu";
  program.options()
      .add_option("--executor", executor_name, "The daemon's executor")
      ->type_name("NAME")
      ->capture_default_str();

  return program.run(argc, argv, [&] {
    crash_among_others(futured::Executor(program.address(), {.executor = executor_name, .reconnect_timeout = 5s}));
  });
}
