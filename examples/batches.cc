// Adds the squares of many numbers, a batch of them a task: small work is worth sending only in batches.
#include <futured/futured.h>

#include <algorithm>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <numeric>
#include <ranges>
#include <vector>

#include "examples/program.h"
#include "examples/tasks.h"

namespace {

using std::chrono_literals::operator""s;

// Number `index` of the batches of 1, 2, …, count.
std::vector<std::uint32_t> batch(std::uint32_t index, std::uint32_t size, std::uint32_t count) {
  const std::uint32_t first = index * size + 1;
  std::vector<std::uint32_t> numbers(std::min(size, count - first + 1));
  std::iota(numbers.begin(), numbers.end(), first);
  return numbers;
}

// The batches are made as they are needed, 16 ahead of the results: there is never a list of all numbers.
void add(const futured::Executor& executor, std::uint32_t count, std::uint32_t size) {
  const examples::Stopwatch watch;
  const std::uint32_t number_of_batches = (count + size - 1) / size;
  const auto batches = std::views::iota(std::uint32_t{0}, number_of_batches) |
                       std::views::transform([=](std::uint32_t index) { return batch(index, size, count); });
  std::uint64_t sum = 0;
  examples::ProgressBar bar(number_of_batches);
  for (const std::uint64_t part : executor.map(examples::sum_of_squares, batches, {.buffersize = 16})) {
    sum += part;
    bar.advance();
  }
  bar.hide();
  std::printf("the sum of the squares of 1 to %" PRIu32 " is %" PRIu64 "\n", count, sum);
  std::printf("%" PRIu32 " batches of %" PRIu32 " in %.2f s\n", number_of_batches, size, watch.seconds());
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
