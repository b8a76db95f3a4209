// Finds out which of twenty numbers are prime, and shows each with the time it took.
#include <futured/futured.h>

#include <array>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "examples/program.h"
#include "examples/tasks.h"

namespace {

using namespace std::chrono_literals;

constexpr std::array<std::uint64_t, 20> kNumbers = {
    2,
    142702110479723,
    299593572317531,
    3333333333333301,
    3333333333333333,
    3333335652092209,
    4444444444444423,
    4444444444444444,
    4444444488888889,
    5555553133149889,
    5555555555555503,
    5555555555555555,
    6666666666666666,
    6666666666666719,
    6666667141414921,
    7777777536340681,
    7777777777777753,
    7777777777777777,
    9999999999999917,
    9999999999999999,
};

// map() gives the verdicts in the order of the numbers, whichever is found first.
void judge_at_once(const futured::Executor& executor) {
  examples::ProgressBar bar(kNumbers.size());
  std::size_t primes = 0;
  auto number = kNumbers.begin();
  for (const auto& verdict : executor.map(examples::judge_prime, kNumbers)) {
    bar.hide();
    std::printf("%16" PRIu64 "  %s  %9.6f s\n", *number++, verdict.prime ? "prime" : "     ", verdict.seconds);
    if (verdict.prime) ++primes;
    bar.advance();
  }
  bar.hide();
  std::printf("%zu primes", primes);
}

void judge_one_by_one(const futured::Executor& executor) {
  examples::ProgressBar bar(kNumbers.size());
  for (const auto number : kNumbers) {
    executor.submit(examples::judge_prime, number).result();
    bar.advance();
  }
}

}  // namespace

int main(int argc, char** argv) {
  examples::Program program("Finds out which of twenty numbers are prime, on all processors of the daemon.");
  bool compare = false;
  program.options().add_flag("--compare", compare, "Do it one after another too, and print both times");
  std::string executor_name;
  program.options()
      .add_option("--executor", executor_name, "The daemon's executor; unset: its first")
      ->type_name("NAME");

  return program.run(argc, argv, [&] {
    const futured::Executor executor(program.address(), {.executor = executor_name, .reconnect_timeout = 5s});
    const examples::Stopwatch together;
    judge_at_once(executor);
    const double seconds = together.seconds();
    std::printf(" in %.2f s\n", seconds);
    if (!compare) return;
    const examples::Stopwatch apart;
    judge_one_by_one(executor);
    examples::print_gain(seconds, apart.seconds());
  });
}
