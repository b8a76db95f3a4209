// A program of the C++ SDK for the tests of rolling restarts: until the file STOP exists, it makes each call of the SDK
// that needs the daemon, again and again on a thread for each kind, and writes down "NUMBER VALUE" for each future that
// has ended. If a call fails, it ends with 1.
// Usage: rolling_client ADDRESS EXECUTIONS LEDGER STOP
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <future>
#include <iostream>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "futured/futured.h"

namespace {

using namespace std::chrono_literals;

constexpr futured::Task<std::int64_t(std::string, std::int64_t)> kRecord{"abuse.record"};

class Program {
 public:
  Program(const std::string& address, std::string executions, const std::string& ledger)
      : executor_(address, {.executor = "thread", .reconnect_timeout = 120s, .cancel_timeout = 120s}),
        executions_(std::move(executions)),
        ledger_(ledger) {}

  // Throws when one has failed.
  void make_each_call_until(const std::string& stop) {
    std::vector<std::future<void>> loops;
    for (const auto call : {&Program::read_as_completed, &Program::read_of_another, &Program::cancel}) {
      loops.push_back(std::async(std::launch::async, [this, call, stop] {
        while (!std::filesystem::exists(stop)) (this->*call)();
      }));
    }
    for (auto& loop : loops) loop.get();
  }

 private:
  void write_down(std::int64_t value) {
    const std::lock_guard lock(mutex_);
    ledger_ << value << ' ' << value << std::endl;
  }

  void read_as_completed() {
    std::vector<futured::Future<std::int64_t>> futures;
    for (int i = 0; i < 20; ++i) futures.push_back(executor_.submit(kRecord, executions_, number_++));
    for (auto& future : futured::as_completed(futures)) write_down(future.result());
  }
  // As another program would, by its ID.
  void read_of_another() {
    const auto kept = executor_.with({.retention = 10min});
    const std::int64_t number = number_++;
    const auto future = kept.submit(kRecord, executions_, number);
    write_down(future.result());
    if (!future.logs().empty()) throw std::runtime_error("it has logged nothing, and has lines");
    if (executor_.attach<std::int64_t>(future.id()).result() != number) throw std::runtime_error("a wrong value");
  }
  void cancel() {
    const auto later = executor_.with({.delay = 1h});
    const auto future = later.submit(kRecord, executions_, -1);
    if (!future.cancel()) throw std::runtime_error("a future that waits could not be cancelled");
  }

  futured::Executor executor_;
  const std::string executions_;
  std::mutex mutex_;
  std::ofstream ledger_;
  std::atomic<std::int64_t> number_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  try {
    Program(argv[1], argv[2], argv[3]).make_each_call_until(argv[4]);
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return EXIT_FAILURE;
  }
}
