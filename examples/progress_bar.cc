// Counts primes, and shows how far it is: as_completed tells of each future when it is done.
#include <futured/futured.h>

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "examples/program.h"
#include "examples/tasks.h"

namespace {

using namespace std::chrono_literals;

std::uint64_t count_primes(const futured::Executor& executor, std::uint64_t first, std::uint32_t count) {
  std::vector<futured::Future<bool>> futures;
  for (std::uint64_t n = first; n - first < count; ++n) futures.push_back(executor.submit(examples::is_prime, n));

  std::uint64_t primes = 0;
  examples::ProgressBar bar(futures.size());
  for (const auto& future : futured::as_completed(futures)) {
    if (future.result()) ++primes;
    bar.advance();
  }
  return primes;
}

}  // namespace

int main(int argc, char** argv) {
  examples::Program program("Counts the primes among COUNT numbers, with a progress bar.");
  std::uint32_t count = 1000;
  program.options().add_option("COUNT", count)->check(CLI::Range(1, 1'000'000))->capture_default_str();
  std::uint64_t first = 10'000'000'000'000;
  program.options().add_option("--first", first, "The first of the numbers")->capture_default_str();

  return program.run(argc, argv, [&] {
    const futured::Executor executor(program.address(), {.reconnect_timeout = 5s});
    const std::uint64_t primes = count_primes(executor, first, count);
    std::printf("%" PRIu64 " of %" PRIu32 " numbers from %" PRIu64 " are prime\n", primes, count, first);
  });
}
