// BatchTest: what the tests of Batch have in common.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "server/exec/process/batch.h"
#include "server/exec/process/ledger.h"
#include "tests/core/test_table.h"

namespace futured::testing {

inline worker::v1::Results results_of(std::uint64_t batch, std::uint32_t first,
                                      const std::vector<std::string>& values) {
  worker::v1::Results results;
  results.set_batch(batch);
  results.set_first(first);
  for (const std::string& each : values) results.add_results()->set_value(each);
  return results;
}

// A batch and the worker's side of its claims; the test is the worker.
class BatchTest : public ::testing::Test {
 protected:
  static constexpr std::size_t kAmple = std::size_t{1} << 20;
  static constexpr std::uint64_t kMaxValueSize = 1000;

  BatchTest() { batch_.use(ledger_.claims(), true); }

  // Holds `count` tasks in one lease, numbered from 1.
  void hold(std::size_t count, const TaskOptions& options = {}) {
    bench_.learn_that_it_is_quick(options.function);
    std::vector<std::uint64_t> counters;
    for (std::uint64_t i = 1; i <= count; ++i) counters.push_back(i);
    ASSERT_TRUE(bench_.submit(counters, options));
    auto lease = bench_.executor.come();
    ASSERT_NE(lease, nullptr);
    ASSERT_EQ(lease->size(), count);
    batch_.hold(std::move(lease));
  }
  bool next(std::size_t max_size = kAmple) { return batch_.next(max_size, told_); }
  bool begin(std::size_t i) { return ledger_[i].begin(told_.number()); }
  std::string report(std::uint32_t first, const std::vector<std::string>& values) {
    return batch_.results(results_of(told_.number(), first, values));
  }
  core::State state(std::uint64_t counter) { return bench_.state(counter); }
  core::CancelEffect cancel(std::uint64_t counter) { return bench_.cancel(counter); }
  void give_back() { bench_.table.give_back(batch_.release()); }

  TestTable bench_;
  exec::Ledger ledger_ = exec::Ledger::create(8).value();
  exec::Batch batch_{bench_.table, bench_.time, "process-1", kMaxValueSize};
  worker::v1::Batch told_;
};

}  // namespace futured::testing
