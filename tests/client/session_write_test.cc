// What a session says, and in how many messages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <string>
#include <vector>

#include "futured/futured.h"
#include "futured/v1/errors.pb.h"
#include "tests/client/fake_daemon.h"
#include "tests/support/eventually.h"

namespace futured::testing {
namespace {

using namespace std::chrono_literals;

// Breaks the stream, and keeps the client from opening the next one.
grpc::Status come_back_in_an_hour() {
  v1::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(3600);
  v1::ErrorStatus details;
  details.add_details()->set_type_url("type.googleapis.com/google.rpc.RetryInfo");
  details.mutable_details(0)->set_value(retry.SerializeAsString());
  return {grpc::StatusCode::UNAVAILABLE, "gone for an hour by the test", details.SerializeAsString()};
}

// semantics 17
TEST(SessionWriteTest, CancelledCallsOfALostStreamLeaveRoomForOthers) {
  FakeDaemon daemon({[](Conversation& talk) {
    talk.welcome();
    talk.read_submits(1);
    talk.refuse(1, 1, 900);
    return come_back_in_an_hour();
  }});
  Executor executor(daemon.address(), {.cancel_timeout = 10ms, .max_unaccepted = 1});
  const auto first = submit(executor);
  auto second = std::async(std::launch::async, [&] { return submit(executor); });
  // Once the stream is lost, nobody has the call.
  EXPECT_TRUE(eventually([&] { return first.cancel(); }));
  const bool in_time = second.wait_for(20s) == std::future_status::ready;
  executor.shutdown(false, {.cancel_futures = true});
  ASSERT_TRUE(in_time);
  EXPECT_TRUE(second.get().cancelled());
}

TEST(SessionWriteTest, ManyAttachesTakeSeveralMessages) {
  constexpr std::uint64_t kFutures = 25'000;
  int largest = 0;
  FakeDaemon daemon({[](Conversation& talk) {
                       while (talk.attaches.size() < kFutures && !talk.ended()) talk.read();
                       return broken();
                     },
                     [&](Conversation& talk) {
                       talk.welcome();
                       while (talk.attaches.size() < kFutures && !talk.ended()) {
                         largest = std::max(largest, talk.read().attaches_size());
                       }
                       talk.succeed(range(1, kFutures));
                       talk.read_to_end();
                       return grpc::Status::OK;
                     }});
  Executor executor(daemon.address());
  std::vector<Future<std::uint64_t>> futures;
  for (std::uint64_t i = 0; i < kFutures; ++i) {
    futures.push_back(executor.attach<std::uint64_t>("00000000-0000-8000-8000-000000000001"));
  }
  for (std::uint64_t i = 0; i < kFutures; ++i) ASSERT_EQ(futures[i].result(20s), i + 1);
  EXPECT_LE(largest, 10'000);
}

TEST(SessionWriteTest, ManyCancelsTakeSeveralMessages) {
  constexpr std::uint64_t kCalls = 60'001;
  int cancelled = 0;
  int largest = 0;
  FakeDaemon daemon({[&](Conversation& talk) {
    talk.welcome();
    for (std::uint64_t last = 0; last < kCalls && !talk.ended();) {
      const Numbers counters = talk.read_submits(1);
      if (counters.empty()) continue;
      last = counters.back();
      talk.accept(last);
    }
    talk.succeed({1});
    while (cancelled < static_cast<int>(kCalls) - 1 && !talk.ended()) {
      int counters = 0;
      const v1::SessionRequest request = talk.read();
      for (const v1::SessionCancel& cancel : request.cancels()) counters += cancel.counters_size();
      cancelled += counters;
      largest = std::max(largest, counters);
    }
    talk.succeed(range(2, kCalls));
    talk.read_to_end();
    return grpc::Status::OK;
  }});
  {
    Executor executor(daemon.address());
    for (const auto& value : executor.map<std::uint64_t>("any", std::vector<int>(kCalls))) {
      EXPECT_EQ(value, 1U);
      break;
    }
  }
  ASSERT_TRUE(daemon.wait_for_end(1));
  EXPECT_EQ(cancelled, static_cast<int>(kCalls) - 1);
  EXPECT_LE(largest, 50'000);
}

}  // namespace
}  // namespace futured::testing
