// Follows one long computation: how far the function says it is.
#include <futured/futured.h>

#include <cinttypes>
#include <cstdint>
#include <cstdio>

#include "examples/program.h"
#include "examples/tasks.h"

namespace {

using namespace std::chrono_literals;

void follow(const futured::Executor& executor, std::uint64_t number) {
  const auto prime = executor.submit(examples::is_prime, number);
  // Called on the thread of callbacks.
  prime.add_progress_callback(
      [](const futured::Progress& progress) { std::fprintf(stderr, "%3.0f %%\n", 100 * progress.fraction); });
  std::printf("%" PRIu64 " is prime: %s\n", number, prime.result() ? "true" : "false");
}

}  // namespace

int main(int argc, char** argv) {
  examples::Program program("Finds out whether NUMBER is prime, and shows how far that is.");
  std::uint64_t number = 99'999'999'999'999'997;
  program.options().add_option("NUMBER", number)->capture_default_str();

  return program.run(argc, argv,
                     [&] { follow(futured::Executor(program.address(), {.reconnect_timeout = 5s}), number); });
}
