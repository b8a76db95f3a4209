// Calls functions that are programs: factor and sort, as programs.toml configures them. The caller cannot tell.
#include <futured/futured.h>

#include <cstdio>
#include <string>
#include <vector>

#include "examples/program.h"
#include "examples/tasks.h"

namespace {

using namespace std::chrono_literals;

// One process for each number. An exit code other than 0 is the error of its own future.
void take_apart_and_sort(const futured::Executor& executor, const std::vector<std::string>& numbers) {
  std::vector<futured::Future<std::string>> futures;
  futures.reserve(numbers.size());
  for (const auto& number : numbers) futures.push_back(executor.submit(examples::factor, number));
  std::string lines;
  for (std::size_t i = 0; i < futures.size(); ++i) {
    try {
      lines += futures[i].result();
    } catch (const futured::TaskError& error) {
      std::printf("%s: failed: %s\n", numbers[i].c_str(), error.what());
    }
  }
  // The text goes to the program's standard input.
  std::printf("%s", executor.submit(examples::sort_lines, lines).result().c_str());
}

}  // namespace

int main(int argc, char** argv) {
  examples::Program program("Takes numbers apart, and sorts them, by programs of the daemon's machine.");
  std::vector<std::string> numbers;
  program.options().add_option("NUMBER", numbers, "A number")->required();
  std::string executor_name = "cpu";
  program.options()
      .add_option("--executor", executor_name, "The daemon's executor")
      ->type_name("NAME")
      ->capture_default_str();

  return program.run(argc, argv, [&] {
    const futured::Executor executor(program.address(), {.executor = executor_name, .reconnect_timeout = 5s});
    take_apart_and_sort(executor, numbers);
  });
}
