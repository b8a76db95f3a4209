#include "client/cpp/src/outbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace futured::detail {
namespace {

using ::testing::ElementsAre;

std::vector<std::uint64_t> counters(const Batch& batch) {
  std::vector<std::uint64_t> list;
  for (const auto& run : batch.request.submits()) {
    for (int i = 0; i < run.arguments_size(); ++i) list.push_back(run.first() + static_cast<std::uint64_t>(i));
  }
  return list;
}

// Of about 2 kB.
Outbox::Options large_options(std::uint64_t number) {
  const auto options = std::make_shared<EncodedOptions>();
  (*options->message.mutable_labels())["label"] = std::to_string(number) + std::string(2000, 'x');
  return options;
}

// Sends all, none of it in a larger message than it may be.
std::vector<std::uint64_t> send_all(Outbox& outbox) {
  std::vector<std::uint64_t> sent;
  while (outbox.has_unsent()) {
    const Batch* batch = outbox.next();
    if (batch == nullptr) continue;
    EXPECT_LE(batch->request.ByteSizeLong(), Outbox::kMaxBytes + Outbox::kMaxTasks * 8);
    for (const std::uint64_t counter : counters(*batch)) sent.push_back(counter);
  }
  return sent;
}

std::vector<std::uint64_t> every(std::uint64_t step, std::uint64_t last) {
  std::vector<std::uint64_t> list;
  for (std::uint64_t counter = step; counter <= last; counter += step) list.push_back(counter);
  return list;
}

class OutboxTest : public ::testing::Test {
 protected:
  void append(std::uint64_t counter, const Outbox::Options& options = nullptr, const std::string& function = "f") {
    outbox_.append(counter, function, options, "arguments " + std::to_string(counter));
  }

  Outbox outbox_;
};

TEST_F(OutboxTest, NeighboursWithTheSameFunctionAndOptionsShareARun) {
  const auto options = std::make_shared<EncodedOptions>();
  append(1);
  append(2);
  append(3, nullptr, "g");
  append(4, options, "g");
  append(5, options, "g");
  append(7, options, "g");
  const Batch* batch = outbox_.next();
  ASSERT_EQ(batch->request.submits_size(), 4);
  EXPECT_EQ(batch->request.submits(0).arguments_size(), 2);
  EXPECT_EQ(batch->request.submits(1).function(), "g");
  EXPECT_FALSE(batch->request.submits(1).has_options());
  EXPECT_TRUE(batch->request.submits(2).has_options());
  EXPECT_EQ(batch->request.submits(3).first(), 7U);
  EXPECT_THAT(counters(*batch), ElementsAre(1, 2, 3, 4, 5, 7));
  EXPECT_EQ(batch->request.submits(0).arguments(1), "arguments 2");
}

TEST_F(OutboxTest, MessagesAreBounded) {
  for (std::uint64_t i = 1; i <= Outbox::kMaxTasks + 1; ++i) append(i);
  EXPECT_EQ(outbox_.next()->tasks, Outbox::kMaxTasks);
  EXPECT_EQ(outbox_.next()->tasks, 1U);
  EXPECT_FALSE(outbox_.has_unsent());
  outbox_.append(10'000, "f", nullptr, std::string(Outbox::kMaxBytes + 1, 'x'));
  append(10'001);
  EXPECT_THAT(counters(*outbox_.next()), ElementsAre(10'000));
  EXPECT_THAT(counters(*outbox_.next()), ElementsAre(10'001));
}

TEST_F(OutboxTest, MessagesAreBoundedWithTheOptionsOfTheirCalls) {
  for (std::uint64_t i = 1; i <= 2000; ++i) append(i, large_options(i));
  EXPECT_EQ(send_all(outbox_), every(1, 2000));
  outbox_.settle_through(2000, nullptr);
  EXPECT_EQ(outbox_.bytes(), 0U);
}

TEST_F(OutboxTest, MessagesAreBoundedWithTheNamesOfTheirFunctions) {
  for (std::uint64_t i = 1; i <= 2000; ++i) append(i, nullptr, std::to_string(i) + std::string(2000, 'f'));
  EXPECT_EQ(send_all(outbox_), every(1, 2000));
}

TEST_F(OutboxTest, CallsThatShareOptionsShareAMessage) {
  const auto options = large_options(1);
  for (std::uint64_t i = 1; i <= 2000; ++i) append(i, options);
  EXPECT_EQ(outbox_.next()->tasks, 2000U);
  outbox_.requeue([](std::uint64_t) { return true; });
  const Batch* repeated = outbox_.next();
  EXPECT_EQ(repeated->tasks, 2000U);
  EXPECT_EQ(repeated->request.submits_size(), 1);
}

TEST_F(OutboxTest, WithGapsBetweenThemTheyMayTakeMoreMessages) {
  const auto options = large_options(1);
  for (std::uint64_t i = 1; i <= 4000; ++i) append(i, options);
  (void)outbox_.next();
  outbox_.requeue([](std::uint64_t counter) { return counter % 2 == 0; });
  EXPECT_EQ(send_all(outbox_), every(2, 4000));
  EXPECT_EQ(outbox_.tasks(), 2000U);
}

TEST_F(OutboxTest, WithdrawnCallsLeaveGapsThatMayTakeMoreMessages) {
  const auto options = large_options(1);
  for (std::uint64_t i = 1; i <= 4000; ++i) append(i, options);
  for (std::uint64_t i = 1; i <= 4000; i += 2) outbox_.withdraw(i);
  const Batch* first = outbox_.next();
  EXPECT_EQ(outbox_.certain_from(), first->last + 1);
  EXPECT_EQ(outbox_.first_unsent(), first->last + 2);
  append(4001, large_options(2));
  EXPECT_EQ(counters(*first).size() + send_all(outbox_).size(), 2001U);
  EXPECT_EQ(outbox_.certain_from(), 4002U);
}

TEST_F(OutboxTest, SettledMessagesGoButNotTheOneInFlight) {
  append(1);
  (void)outbox_.next();
  append(2);
  const Batch* in_flight = outbox_.next();
  outbox_.settle_through(2, in_flight);
  EXPECT_EQ(outbox_.tasks(), 1U);
  EXPECT_EQ(outbox_.sent_messages(), 1U);
  outbox_.settle_through(2, nullptr);
  EXPECT_EQ(outbox_.tasks(), 0U);
  EXPECT_EQ(outbox_.bytes(), 0U);
}

TEST_F(OutboxTest, RequeuedCallsComeFirstWithoutThoseNotKept) {
  for (std::uint64_t i = 1; i <= 3; ++i) append(i);
  (void)outbox_.next();
  append(4);
  outbox_.requeue([](std::uint64_t counter) { return counter != 2; });
  EXPECT_EQ(outbox_.first_unsent(), 1U);
  EXPECT_THAT(counters(*outbox_.next()), ElementsAre(1, 3));
  EXPECT_THAT(counters(*outbox_.next()), ElementsAre(4));
  EXPECT_EQ(outbox_.tasks(), 3U);
}

TEST_F(OutboxTest, CallsAppendedAfterARequeueKeepTheirOwnOptions) {
  const auto options = std::make_shared<EncodedOptions>();
  options->message.set_executor("other");
  append(1);
  append(2, options);
  (void)outbox_.next();
  outbox_.requeue([](std::uint64_t counter) { return counter == 1; });
  append(3, options);
  const Batch* batch = outbox_.next();
  ASSERT_EQ(batch->request.submits_size(), 2);
  EXPECT_FALSE(batch->request.submits(0).has_options());
  EXPECT_EQ(batch->request.submits(1).options().executor(), "other");
}

TEST_F(OutboxTest, WithdrawnCallsAreNeverSent) {
  for (std::uint64_t i = 1; i <= 3; ++i) append(i);
  EXPECT_EQ(outbox_.certain_from(), 1U);
  outbox_.withdraw(2);
  EXPECT_THAT(counters(*outbox_.next()), ElementsAre(1, 3));
  EXPECT_EQ(outbox_.certain_from(), 4U);
  append(4);
  outbox_.withdraw(4);
  EXPECT_EQ(outbox_.next(), nullptr);
  EXPECT_EQ(outbox_.tasks(), 2U);
}

TEST_F(OutboxTest, TheFirstRefusedCallHasToBeRepeated) {
  for (std::uint64_t i = 1; i <= 3; ++i) append(i);
  (void)outbox_.next();
  outbox_.refused_from(2);
  EXPECT_EQ(outbox_.certain_from(), 2U);
  EXPECT_EQ(outbox_.repeat(), 2U);
  outbox_.requeue([](std::uint64_t counter) { return counter >= 2; });
  EXPECT_EQ(outbox_.repeat(), 2U);
  EXPECT_THAT(counters(*outbox_.next()), ElementsAre(2, 3));
  EXPECT_EQ(outbox_.repeat(), 0U);
}

TEST_F(OutboxTest, ClearKeepsWhatIsBeingWritten) {
  append(1);
  const Batch* in_flight = outbox_.next();
  append(2);
  outbox_.clear(in_flight);
  EXPECT_FALSE(outbox_.has_unsent());
  EXPECT_THAT(counters(*in_flight), ElementsAre(1));
  EXPECT_EQ(outbox_.tasks(), 1U);
}

}  // namespace
}  // namespace futured::detail
