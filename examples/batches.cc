// Adds the squares of many numbers, a batch of them a task: small work is worth sending only in batches.
#include <futured/futured.h>

#include <algorithm>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <numeric>
#include <vector>

#include "examples/program.h"
#include "examples/tasks.h"

namespace {

using namespace std::chrono_literals;

// 1, 2, …, count in batches; the last may be smaller.
std::vector<std::vector<std::uint32_t>> batches_of(std::uint32_t size, std::uint32_t count) {
  std::vector<std::vector<std::uint32_t>> batches;
  for (std::uint32_t first = 1; first <= count; first += size) {
    batches.emplace_back(std::min(size, count - first + 1));
    std::iota(batches.back().begin(), batches.back().end(), first);
  }
  return batches;
}

void add(const futured::Executor& executor, std::uint32_t count, std::uint32_t size) {
  const auto batches = batches_of(size, count);
  const examples::Stopwatch watch;
  std::uint64_t sum = 0;
  examples::ProgressBar bar(batches.size());
  for (const std::uint64_t part : executor.map(examples::sum_of_squares, batches)) {
    sum += part;
    bar.advance();
  }
  bar.hide();
  std::printf("the sum of the squares of 1 to %" PRIu32 " is %" PRIu64 "\n", count, sum);
  std::printf("%zu batches of %" PRIu32 " in %.2f s\n", batches.size(), size, watch.seconds());
}

}  // namespace

int main(int argc, char** argv) {
  examples::Program program("Adds the squares of 1, 2, …, COUNT, a batch of them a task. Try --size 10 to see why.");
  std::uint32_t count = 1'000'000;
  program.options().add_option("COUNT", count)->check(CLI::Range(1, 3'000'000))->capture_default_str();
  std::uint32_t size = 10'000;
  program.options()
      .add_option("--size", size, "Numbers in a batch")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();

  return program.run(argc, argv,
                     [&] { add(futured::Executor(program.address(), {.reconnect_timeout = 5s}), count, size); });
}
