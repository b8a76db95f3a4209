// Counts the words of files, with callbacks: main() goes on, and what is done says so itself.
#include <futured/futured.h>

#include <atomic>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include "examples/program.h"
#include "examples/tasks.h"

namespace {

using namespace std::chrono_literals;

// Receives what a callback throws; elsewhere it would be lost.
void report(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const futured::TaskError& task_error) {
    std::printf("a callback threw: %s\n", task_error.message().c_str());
  }
}

// A callback runs in a thread of the executor, or in this one when its future is done already: hence the atomic.
void count(const std::string& address, const std::vector<std::string>& files) {
  futured::Executor executor(address, {.reconnect_timeout = 5s, .on_callback_error = report});
  std::atomic<std::uint64_t> words = 0;
  for (const auto& file : files) {
    const auto future = executor.submit(examples::count_file, std::filesystem::absolute(file).string());
    future.add_done_callback([&words, file](const futured::Future<examples::TextSize>& done) {
      const std::uint64_t found = done.result().words;
      std::printf("%s: %" PRIu64 " words\n", file.c_str(), found);
      words += found;
    });
  }
  // Returns when all is done and every callback has run.
  executor.shutdown();
  std::printf("together: %" PRIu64 " words\n", words.load());
}

}  // namespace

int main(int argc, char** argv) {
  examples::Program program("Counts the words of files, and tells of each when it is done.");
  std::vector<std::string> files;
  program.options().add_option("FILE", files, "A file")->required();

  return program.run(argc, argv, [&] { count(program.address(), files); });
}
