// Every n-th write, sync, truncation and opening fails, once and for ever.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <tuple>

#include "tests/store/fault_vfs.h"
#include "tests/store/store_fixture.h"

namespace futured::store {
namespace {

using core::Bytes;
using core::Outcome;
using testing::describe;
using testing::Durable;
using testing::Life;
using testing::ListOf;
using testing::Operation;

// Without a disk, if there is such a place: there are thousands of syncs.
std::filesystem::path fast_folder() {
  const std::filesystem::path memory = "/dev/shm";
  return ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
}

class FaultTest : public testing::StoreFixture, public ::testing::WithParamInterface<std::tuple<Operation, bool>> {
 protected:
  FaultTest() : StoreFixture(fast_folder()) {}

  // One try: opens a store, runs lives through it, closes it; and then looks, without faults, at what is left.
  // Whether the fault was met.
  bool meets_fault(long n) {
    options_.directory = folder("data-" + std::to_string(n));
    options_.log_limit = 64 << 10;
    options_.vfs = vfs_.name();
    const auto [operation, for_ever] = GetParam();
    vfs_.arm(operation, n, for_ever);
    run_lives();
    const bool hit = vfs_.hit();
    vfs_.disarm();
    open();
    check();
    close();
    std::filesystem::remove_all(options_.directory);
    return hit;
  }

  void run_lives() {
    acknowledged_.clear();
    tried_.clear();
    auto opened = try_open();
    if (!opened) return;
    store_ = *std::move(opened);
    for (std::uint64_t i = 1; i <= 6; ++i) {
      Life life(i);
      life.task.arguments = Bytes(std::string(5'000, 'x'));
      if (!take(life, ListOf{life.submit()})) break;
      if (i % 3 == 0 && !take(life, ListOf{life.start(2), life.end(Outcome::succeeded(Bytes("v")), 3)})) break;
    }
    close();
  }

  // Whether it was acknowledged: in the end it was, or the store has failed.
  bool take(const Life& life, std::vector<core::Transition> transitions) {
    Durable durable;
    tried_[life.held().sequence] = describe(life.held());
    store_->append(std::move(transitions), durable.callback());
    while (!durable.is_durable() && events_.failures().empty()) std::this_thread::yield();
    if (!durable.is_durable()) return false;
    acknowledged_[life.held().sequence] = describe(life.held());
    return true;
  }

  void check() {
    const auto kept = load();
    for (const auto& [sequence, text] : acknowledged_) {
      const auto found = kept.find(sequence);
      ASSERT_NE(found, kept.end()) << "future " << sequence << " was lost";
      EXPECT_TRUE(found->second == text || found->second == tried_[sequence]) << found->second;
    }
  }

  testing::FaultVfs vfs_;
  Futures acknowledged_;
  // The last that was tried of each.
  Futures tried_;
};

TEST_P(FaultTest, NothingAcknowledgedIsLost) {
  long n = 1;
  while (meets_fault(n)) {
    if (HasFatalFailure()) FAIL() << "when operation " << n << " failed";
    ++n;
    events_.clear();
  }
  EXPECT_GT(n, 1) << "there was no such operation";
}

std::string name_of(const ::testing::TestParamInfo<FaultTest::ParamType>& info) {
  constexpr const char* kNames[] = {"Write", "Sync", "Truncate", "Open"};
  return std::string(kNames[static_cast<int>(std::get<0>(info.param))]) +
         (std::get<1>(info.param) ? "FailsForEver" : "FailsOnce");
}

INSTANTIATE_TEST_SUITE_P(Faults, FaultTest,
                         ::testing::Combine(::testing::Values(Operation::kWrite, Operation::kSync, Operation::kTruncate,
                                                              Operation::kOpen),
                                            ::testing::Bool()),
                         name_of);

}  // namespace
}  // namespace futured::store
