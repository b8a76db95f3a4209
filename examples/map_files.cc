// Counts the words of many files on the daemon's workers. The results come in the order of the files.
#include <futured/futured.h>

#include <cinttypes>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "examples/program.h"
#include "examples/tasks.h"

namespace {

using namespace std::chrono_literals;

void print(const examples::TextSize& size, const std::string& name) {
  std::printf("%8" PRIu64 " %8" PRIu64 " %10" PRIu64 " %s\n", size.lines, size.words, size.bytes, name.c_str());
}

// map() throws the error of a file when its turn comes; the results before it have been there.
void count(const futured::Executor& executor, const std::vector<std::string>& files) {
  examples::TextSize total;
  auto file = files.begin();
  for (const auto& size : executor.map(examples::count_file, files)) {
    print(size, *file++);
    total.lines += size.lines;
    total.words += size.words;
    total.bytes += size.bytes;
  }
  print(total, "total");
}

}  // namespace

int main(int argc, char** argv) {
  examples::Program program("Counts lines, words and bytes of files, as wc does; the files are read by the daemon.");
  std::vector<std::string> files;
  program.options().add_option("FILE", files, "A file")->required();

  return program.run(argc, argv, [&] {
    // The daemon has a working directory of its own.
    for (auto& file : files) file = std::filesystem::absolute(file).string();
    count(futured::Executor(program.address(), {.reconnect_timeout = 5s}), files);
  });
}
