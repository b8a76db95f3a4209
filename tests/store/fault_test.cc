// Every n-th write, sync, truncation, opening, deletion and reading fails, once and for ever.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <tuple>

#include "server/store/fault_vfs.h"
#include "tests/store/store_fixture.h"

namespace futured::store {
namespace {

using core::Bytes;
using core::Outcome;
using testing::describe;
using testing::Durable;
using ::testing::HasSubstr;
using testing::Life;
using testing::ListOf;
using Kind = Fault::Kind;

class FaultTest : public testing::StoreFixture, public ::testing::WithParamInterface<std::tuple<Kind, bool>> {
 protected:
  FaultTest() : StoreFixture(testing::fast_folder()) {}

  // One try: opens a store, runs lives through it, closes it; and then looks, without faults, at what is left.
  // Whether the fault was met.
  bool meets_fault(long n) {
    options_.directory = folder("data-" + std::to_string(n));
    options_.log_limit = 64 << 10;
    options_.vfs = vfs_.name();
    const auto [kind, for_ever] = GetParam();
    vfs_.arm({kind, n, for_ever});
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
    if (!opened) {
      EXPECT_THAT(opened.error().message, HasSubstr(database().string()));
      return;
    }
    // SQLite does without some that fail while it begins a new database.
    met_while_opening_ = vfs_.hit();
    store_ = *std::move(opened);
    for (std::uint64_t i = 1; i <= 6; ++i) {
      Life life(i);
      life.task.arguments = Bytes(std::string(5'000, 'x'));
      if (!take(life, ListOf{life.submit()})) break;
      if (i % 3 == 0 && !take(life, ListOf{life.start(2), life.end(Outcome::succeeded(Bytes("v")), 3)})) break;
    }
    // So that what followed the last commit is over.
    is_acknowledged({});
    const bool must_have_stopped = vfs_.hit() && must_stop();
    if (must_have_stopped) expect_stopped();
    close();
    if (must_have_stopped) {
      EXPECT_EQ(events_.failures().size(), 1u);
    }
  }

  // What became of the files is unknown then: nothing may be acknowledged before they were opened again.
  bool must_stop() const {
    const Kind kind = std::get<0>(GetParam());
    return (kind == Kind::kWrite || kind == Kind::kSync) && !(met_while_opening_ && !std::get<1>(GetParam()));
  }

  // Whether it was acknowledged: in the end it was, or the store has failed.
  bool take(const Life& life, std::vector<core::Transition> transitions) {
    tried_[life.held().sequence] = describe(life.held());
    if (!is_acknowledged(std::move(transitions))) return false;
    acknowledged_[life.held().sequence] = describe(life.held());
    return true;
  }
  bool is_acknowledged(std::vector<core::Transition> transitions) {
    Durable durable;
    // By the thread that has met the fault, or will.
    store_->append(std::move(transitions), [this, tell = durable.callback()] {
      EXPECT_FALSE(vfs_.hit() && must_stop()) << "acknowledged in spite of it";
      tell();
    });
    const auto end = std::chrono::steady_clock::now() + testing::kPatience;
    while (!durable.is_durable() && events_.failures().empty() && std::chrono::steady_clock::now() < end) {
      std::this_thread::yield();
    }
    return durable.is_durable();
  }

  void expect_stopped() {
    EXPECT_FALSE(is_acknowledged(ListOf{Life(100).submit()}));
    ASSERT_TRUE(events_.wait_for_failure());
    EXPECT_THAT(events_.failures().front(), HasSubstr(options_.directory.string()));
    EXPECT_FALSE(is_acknowledged(ListOf{Life(101).submit()}));
    EXPECT_FALSE(is_acknowledged({}));
    const auto refusal = store_->refusal();
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->reason, core::Reason::kStoreFailed);
  }

  void check() {
    const auto kept = load();
    for (const auto& [sequence, text] : acknowledged_) {
      const auto found = kept.find(sequence);
      ASSERT_NE(found, kept.end()) << "future " << sequence << " was lost";
      EXPECT_TRUE(found->second == text || found->second == tried_[sequence]) << found->second;
    }
  }

  FaultVfs vfs_;
  std::atomic<bool> met_while_opening_{false};
  Futures acknowledged_;
  // The last that was tried of each.
  Futures tried_;
};

TEST_P(FaultTest, NothingIsAcknowledgedInSpiteOfItAndNothingAcknowledgedIsLost) {
  long n = 1;
  while (meets_fault(n)) {
    if (HasFailure()) FAIL() << "when operation " << n << " failed";
    ++n;
    events_.clear();
  }
  EXPECT_GT(n, 1) << "there was no such operation";
}

std::string name_of(const ::testing::TestParamInfo<FaultTest::ParamType>& info) {
  constexpr const char* kNames[] = {"Write", "Sync", "Truncate", "Open", "Delete", "Read"};
  return std::string(kNames[static_cast<int>(std::get<0>(info.param))]) +
         (std::get<1>(info.param) ? "FailsForEver" : "FailsOnce");
}

INSTANTIATE_TEST_SUITE_P(Faults, FaultTest,
                         ::testing::Combine(::testing::Values(Kind::kWrite, Kind::kSync, Kind::kTruncate, Kind::kOpen,
                                                              Kind::kDelete, Kind::kRead),
                                            ::testing::Bool()),
                         name_of);

TEST(ParseFault, TakesAKindANumberAndWhetherItIsForEver) {
  const auto once = parse_fault("sync:17");
  ASSERT_TRUE(once);
  EXPECT_EQ(once->kind, Kind::kSync);
  EXPECT_EQ(once->n, 17);
  EXPECT_FALSE(once->for_ever);
  const auto for_ever = parse_fault("delete:1:ever");
  ASSERT_TRUE(for_ever);
  EXPECT_EQ(for_ever->kind, Kind::kDelete);
  EXPECT_TRUE(for_ever->for_ever);
}

TEST(ParseFault, RefusesAllElse) {
  for (const char* text : {"", "sync", "sync:", "sync:0", "sync:-1", "sync:1x", "sink:1", "sync:1:never", ":1"}) {
    EXPECT_FALSE(parse_fault(text)) << text;
  }
}

}  // namespace
}  // namespace futured::store
