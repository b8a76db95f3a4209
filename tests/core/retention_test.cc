#include "server/core/retention.h"

#include <gtest/gtest.h>

#include <string>

namespace futured::core {
namespace {

using namespace std::chrono_literals;

class RetentionTest : public testing::Test {
 protected:
  // A final future with a value of `size` bytes; a negative retention is the default.
  std::uint32_t keep(Time now, std::size_t size = 0, Duration own = -1ns, std::uint32_t owed = 0) {
    const std::uint32_t slot = records_.allocate();
    Record& record = records_[slot];
    record.state = State::kSucceeded;
    record.outcome = Outcome::succeeded(Bytes(std::string(size, 'x')));
    record.options.retention = own;
    record.owed = owed;
    retention_.keep(slot, now);
    return slot;
  }
  void pay(std::uint32_t slot, Time now) {
    records_[slot].owed = 0;
    retention_.keep(slot, now);
  }

  const Time start_{1h};
  Limits limits_{.retention = 10s, .max_retained = 3, .max_retained_bytes = 1000};
  Records records_;
  Retention retention_{records_, limits_};
};

TEST_F(RetentionTest, NothingKeptNothingDue) {
  EXPECT_EQ(retention_.due(Time::max()), kNone);
  EXPECT_EQ(retention_.next_expiry(), Time::max());
}

TEST_F(RetentionTest, DefaultTimeExpiresInTheOrderOfTheEnds) {
  const std::uint32_t first = keep(start_);
  const std::uint32_t second = keep(start_ + 1s);
  EXPECT_EQ(retention_.next_expiry(), start_ + 10s);
  EXPECT_EQ(retention_.due(start_ + 10s - 1ns), kNone);
  EXPECT_EQ(retention_.due(start_ + 10s), first);
  retention_.remove(first);
  EXPECT_EQ(retention_.due(start_ + 10s), kNone);
  EXPECT_EQ(retention_.due(start_ + 11s), second);
}

TEST_F(RetentionTest, OwnTimesExpireInTheirOwnOrder) {
  const std::uint32_t by_order = keep(start_);
  const std::uint32_t late = keep(start_, 0, 20s);
  const std::uint32_t early = keep(start_, 0, 5s);
  EXPECT_EQ(retention_.count(), 3U);
  for (const std::uint32_t expected : {early, by_order, late}) {
    EXPECT_EQ(retention_.due(start_ + 1h), expected);
    retention_.remove(expected);
  }
  EXPECT_EQ(retention_.count(), 0U);
}

TEST_F(RetentionTest, NoTimeAtAllIsDueAtOnce) {
  const std::uint32_t slot = keep(start_, 0, 0s);
  EXPECT_EQ(retention_.due(start_), slot);
}

TEST_F(RetentionTest, OwedOnesDoNotAge) {
  const std::uint32_t slot = keep(start_, 0, -1ns, 1);
  EXPECT_EQ(retention_.owed(), 1U);
  EXPECT_EQ(retention_.count(), 0U);
  EXPECT_EQ(retention_.due(Time::max()), kNone);
  EXPECT_EQ(retention_.next_expiry(), Time::max());
  pay(slot, start_ + 1h);
  EXPECT_EQ(retention_.owed(), 0U);
  EXPECT_EQ(retention_.count(), 1U);
  EXPECT_EQ(retention_.next_expiry(), start_ + 1h + 10s);
}

TEST_F(RetentionTest, AboveTheCountTheFirstToExpireIsDue) {
  const std::uint32_t first = keep(start_);
  keep(start_);
  keep(start_);
  EXPECT_EQ(retention_.due(start_), kNone);
  const std::uint32_t soon = keep(start_, 0, 1s);
  EXPECT_EQ(retention_.due(start_), soon);
  retention_.remove(soon);
  EXPECT_EQ(retention_.due(start_), kNone);
  keep(start_, 0, 20s);
  EXPECT_EQ(retention_.due(start_), first);
}

TEST_F(RetentionTest, OwedOnesAreNotCounted) {
  for (int i = 0; i < 10; ++i) keep(start_, 0, -1ns, 1);
  EXPECT_EQ(retention_.due(start_), kNone);
}

TEST_F(RetentionTest, AboveTheBytesOwedOnesGoLast) {
  const std::uint32_t owed = keep(start_, 600, -1ns, 1);
  const std::uint32_t kept = keep(start_, 300);
  EXPECT_EQ(retention_.bytes(), 900U);
  EXPECT_EQ(retention_.due(start_), kNone);
  const std::uint32_t more = keep(start_, 600, -1ns, 1);
  EXPECT_EQ(retention_.due(start_), kept);
  retention_.remove(kept);
  EXPECT_EQ(retention_.due(start_), owed);
  retention_.remove(owed);
  EXPECT_EQ(retention_.due(start_), kNone);
  EXPECT_EQ(retention_.bytes(), 600U);
  retention_.remove(more);
  EXPECT_EQ(retention_.bytes(), 0U);
}

TEST_F(RetentionTest, TextsOfErrorsAreBytesToo) {
  const std::uint32_t slot = records_.allocate();
  records_[slot].state = State::kFailed;
  auto cause = std::make_shared<Error>();
  cause->message = std::string(300, 'c');
  Error error;
  error.type = std::string(100, 't');
  error.message = std::string(200, 'm');
  error.traceback = std::string(400, 'b');
  error.cause = cause;
  records_[slot].outcome = Outcome::failed(error);
  retention_.keep(slot, start_);
  EXPECT_EQ(retention_.bytes(), 1000U);
  retention_.remove(slot);
  EXPECT_EQ(retention_.bytes(), 0U);
}

TEST_F(RetentionTest, OneOfTheMiddleMayGo) {
  const std::uint32_t first = keep(start_);
  const std::uint32_t second = keep(start_);
  const std::uint32_t third = keep(start_);
  retention_.remove(second);
  EXPECT_EQ(retention_.due(start_ + 10s), first);
  retention_.remove(first);
  EXPECT_EQ(retention_.due(start_ + 10s), third);
  retention_.remove(third);
  EXPECT_EQ(retention_.due(start_ + 10s), kNone);
}

}  // namespace
}  // namespace futured::core
