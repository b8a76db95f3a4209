// What happens to calls that the daemon refuses, or does not accept yet.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>
#include <vector>

#include "futured/futured.h"
#include "tests/client/fake_daemon.h"

namespace futured::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

// semantics 17
TEST(RefusalTest, RefusedCallsAreRepeatedInOrderAfterTheDelay) {
  Numbers repeated;
  std::promise<void> all_submitted;
  FakeDaemon daemon({[&](Conversation& talk) {
    talk.welcome();
    all_submitted.get_future().wait();
    Numbers seen;
    while (seen.size() < 6) {
      const Numbers more = talk.read_submits(1);
      seen.insert(seen.end(), more.begin(), more.end());
      if (more.back() < 3) {
        talk.accept(more.back());
        continue;
      }
      // A daemon refuses from the first one on.
      const std::uint64_t first = std::max<std::uint64_t>(more.front(), 3);
      if (more.front() < 3) talk.accept(2);
      talk.refuse(first, more.back() - first + 1, 20);
    }
    while (repeated.size() < 4) {
      const Numbers more = talk.read_submits(1);
      repeated.insert(repeated.end(), more.begin(), more.end());
    }
    talk.accept(6);
    talk.succeed(range(1, 6));
    talk.read_to_end();
    return grpc::Status::OK;
  }});
  Executor executor(daemon.address());
  std::vector<Future<std::uint64_t>> futures;
  for (int i = 0; i < 6; ++i) futures.push_back(submit(executor));
  all_submitted.set_value();
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(futures[i].result(20s), i + 1);
  executor.shutdown();
  EXPECT_EQ(repeated, range(3, 6));
}

TEST(RefusalTest, TheRefusedCallIsRepeatedThoughItWasCancelledMeanwhile) {
  Numbers repeated;
  FakeDaemon daemon({[&](Conversation& talk) {
    talk.welcome();
    talk.read_submits(3);
    talk.refuse(1, 3, 300);
    talk.tell(3, v1::SESSION_EVENT_KIND_STARTED, "");
    while (repeated.size() < 2) {
      const Numbers more = talk.read_submits(1);
      repeated.insert(repeated.end(), more.begin(), more.end());
    }
    talk.accept(3);
    while (talk.cancels.empty()) talk.read();
    v1::SessionResponse answer;
    answer.add_cancelled()->set_request(talk.cancels.front().request());
    answer.mutable_cancelled(0)->add_effects(v1::CANCEL_EFFECT_CANCELLED);
    talk.send(answer);
    talk.succeed({3});
    talk.read_to_end();
    return grpc::Status::OK;
  }});
  Executor executor(daemon.address());
  const auto first = submit(executor);
  const auto second = submit(executor);
  const auto third = submit(executor);
  // Told after the refusals.
  while (!third.running()) std::this_thread::yield();
  EXPECT_TRUE(second.cancel());
  EXPECT_TRUE(first.cancel());
  EXPECT_EQ(third.result(20s), 3U);
  executor.shutdown();
  EXPECT_EQ(repeated.front(), 1U);
}

void answer_cancel(Conversation& talk, std::size_t number, v1::CancelEffect effect) {
  while (talk.cancels.size() <= number && !talk.ended()) talk.read();
  v1::SessionResponse answer;
  answer.add_cancelled()->set_request(talk.cancels.at(number).request());
  answer.mutable_cancelled(0)->add_effects(effect);
  talk.send(answer);
}

// Refuses calls 1 to `count`, which it then knows nothing of when they are to be cancelled. `sent`: they were read.
void refuse_before_cancel(Conversation& talk, std::uint64_t count, std::promise<void>& sent) {
  talk.welcome();
  talk.read_submits(count);
  sent.set_value();
  while (talk.cancels.empty() && !talk.ended()) talk.read();
  talk.refuse(1, count, 20);
  answer_cancel(talk, 0, v1::CANCEL_EFFECT_NOT_FOUND);
  EXPECT_EQ(talk.read_submits(1), Numbers{1});
  talk.accept(count);
}

TEST(RefusalTest, CallsRefusedBeforeTheyWereToBeCancelledAreCancelled) {
  std::promise<void> sent;
  FakeDaemon daemon({[&](Conversation& talk) {
    refuse_before_cancel(talk, 2, sent);
    talk.succeed({1});
    talk.read_to_end();
    return grpc::Status::OK;
  }});
  Executor executor(daemon.address());
  const auto first = submit(executor);
  const auto second = submit(executor);
  sent.get_future().wait();
  EXPECT_TRUE(second.cancel());
  EXPECT_EQ(first.result(20s), 1U);
}

TEST(RefusalTest, ARefusedAttachFailsItsFutureAlone) {
  FakeDaemon daemon({[&](Conversation& talk) {
    talk.welcome();
    while (talk.attaches.empty() && !talk.ended()) talk.read();
    talk.refuse(talk.attaches.front().counter(), 1, 0);
    return serve_on(talk);
  }});
  Executor executor(daemon.address());
  const auto attached = executor.attach<std::uint64_t>("00000000-0000-8000-8000-000000000001");
  EXPECT_THROW(attached.result(20s), Refused);
  EXPECT_EQ(submit(executor).result(20s), 2U);
}

TEST(RefusalTest, OfTheRefusedCallThatItWaitsForTheDaemonIsAskedAgain) {
  std::promise<void> sent;
  FakeDaemon daemon({[&](Conversation& talk) {
    refuse_before_cancel(talk, 1, sent);
    answer_cancel(talk, 1, v1::CANCEL_EFFECT_CANCELLED);
    talk.read_to_end();
    return grpc::Status::OK;
  }});
  Executor executor(daemon.address());
  const auto future = submit(executor);
  sent.get_future().wait();
  EXPECT_TRUE(future.cancel());
  EXPECT_TRUE(future.cancelled());
}

TEST(RefusalTest, CallsRefusedForGoodFailAlone) {
  FakeDaemon daemon({[&](Conversation& talk) {
    talk.welcome();
    talk.read_submits(3);
    talk.refuse(2, 1, 0);
    talk.accept(3);
    talk.succeed({1, 3});
    talk.read_to_end();
    return grpc::Status::OK;
  }});
  Executor executor(daemon.address());
  const auto first = submit(executor);
  const auto second = submit(executor);
  const auto third = submit(executor);
  EXPECT_EQ(first.result(20s), 1U);
  EXPECT_EQ(third.result(20s), 3U);
  try {
    (void)second.result(20s);
    FAIL() << "no error";
  } catch (const Refused& error) {
    EXPECT_THAT(error.what(), HasSubstr("refused by the test"));
  }
}

TEST(RefusalTest, CallsRefusedOnABrokenStreamAreSentAgain) {
  FakeDaemon daemon({[&](Conversation& talk) {
                       talk.welcome();
                       talk.read_submits(2);
                       talk.refuse(1, 2, 10'000 / 20);
                       return broken();
                     },
                     serve_well});
  Executor executor(daemon.address());
  const std::vector futures{submit(executor), submit(executor)};
  EXPECT_EQ(futures[0].result(20s), 1U);
  EXPECT_EQ(futures[1].result(20s), 2U);
}

// semantics 17
TEST(RefusalTest, SubmitBlocksWhileTheDaemonDoesNotAccept) {
  std::promise<void> accept;
  FakeDaemon daemon({[&](Conversation& talk) {
    talk.welcome();
    const Numbers first = talk.read_submits(2);
    accept.get_future().wait();
    talk.accept(first.back());
    talk.succeed(first);
    return serve_well(talk);
  }});
  Executor executor(daemon.address(), {.max_unaccepted = 2});
  (void)submit(executor);
  (void)submit(executor);
  auto third = std::async(std::launch::async, [&] { return submit(executor).result(20s); });
  EXPECT_EQ(third.wait_for(50ms), std::future_status::timeout);
  accept.set_value();
  EXPECT_EQ(third.get(), 3U);
}

// Each of them has 8 kB of labels of its own.
TEST(RefusalTest, CallsWithManyLabelsThatWaitForTheDaemonAreSentInMessagesThatItReads) {
  constexpr std::size_t kCalls = 2500;
  std::promise<void> all_submitted;
  FakeDaemon daemon({[&](Conversation& talk) {
    all_submitted.get_future().wait();
    return serve_well(talk);
  }});
  Executor executor(daemon.address());
  std::vector<Future<std::uint64_t>> futures;
  for (std::size_t i = 0; i < kCalls; ++i) {
    CallOptions options;
    for (int label = 0; label < 32; ++label) {
      options.labels["label" + std::to_string(label)] = std::to_string(i) + std::string(250, 'x');
    }
    futures.push_back(executor.with(options).submit<std::uint64_t>("any"));
  }
  all_submitted.set_value();
  for (std::size_t i = 0; i < kCalls; ++i) ASSERT_EQ(futures[i].result(20s), i + 1);
}

TEST(RefusalTest, ABlockedSubmitIsFreedByShutdown) {
  Executor executor("127.0.0.1:1", {.reconnect_timeout = 2s, .max_unaccepted = 1});
  const auto first = submit(executor);
  auto second = std::async(std::launch::async, [&] { (void)submit(executor); });
  EXPECT_EQ(second.wait_for(50ms), std::future_status::timeout);
  executor.shutdown(false);
  EXPECT_THROW(second.get(), ShutdownError);
}

}  // namespace
}  // namespace futured::testing
