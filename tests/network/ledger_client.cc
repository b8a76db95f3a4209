// A program of the C++ SDK for tests of networks: submits COUNT calls of abuse.record, PAUSE milliseconds apart, and
// writes each outcome down as it comes: "NUMBER VALUE", or "NUMBER error TEXT". Exits with 0 when all have ended.
// Usage: ledger_client ADDRESS EXECUTIONS LEDGER COUNT PAUSE
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "futured/futured.h"

namespace {

constexpr futured::Task<std::int64_t(std::string, std::int64_t)> kRecord{"abuse.record"};

void write_down(std::ostream& ledger, std::int64_t number, futured::Future<std::int64_t>& future) {
  ledger << number << ' ';
  try {
    ledger << future.result() << std::endl;
  } catch (const std::exception& error) {
    ledger << "error " << error.what() << std::endl;
  }
}

int run(const std::string& address, const std::string& executions, const std::string& path, std::int64_t count,
        std::chrono::milliseconds pause) {
  std::ofstream ledger(path);
  futured::Executor executor{address, {.executor = "thread"}};
  std::vector<futured::Future<std::int64_t>> futures;
  std::unordered_map<futured::Future<std::int64_t>, std::int64_t> numbers;
  for (std::int64_t number = 0; number < count; ++number) {
    futures.push_back(executor.submit(kRecord, executions, number));
    numbers.emplace(futures.back(), number);
    std::this_thread::sleep_for(pause);
  }
  for (auto& future : futured::as_completed(futures)) write_down(ledger, numbers[future], future);
  return ledger ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) return 2;
  try {
    return run(argv[1], argv[2], argv[3], std::stoll(argv[4]), std::chrono::milliseconds(std::stoll(argv[5])));
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return EXIT_FAILURE;
  }
}
