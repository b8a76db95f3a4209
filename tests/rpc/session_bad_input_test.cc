// What a Session says to tasks, names and counters that it cannot take.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/core/refusals.h"
#include "tests/support/details.h"
#include "tests/support/session_server.h"
#include "tests/support/session_stream.h"

namespace futured {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using Stream = testing::SessionStream;
using testing::SessionServer;

std::string number(std::uint64_t n) { return encode_arguments(n); }

v1::Error error_of(const testing::SessionOutcome& outcome) {
  v1::Error error;
  EXPECT_EQ(outcome.kind, v1::SESSION_EVENT_KIND_FAILED);
  EXPECT_TRUE(error.ParseFromString(outcome.payload));
  return error;
}

class SessionBadInputTest : public ::testing::Test {
 protected:
  SessionBadInputTest() {
    registry_.add(Task<std::uint64_t(std::uint64_t)>("increment"), [](std::uint64_t n) { return n + 1; });
  }
  // Future 1 of the first session, which does not run before the test is over.
  static void submit_delayed(SessionServer& server) {
    Stream stream(server);
    v1::TaskOptions options;
    options.mutable_delay()->set_seconds(3600);
    stream.submit(1, "increment", {number(1)}, options);
    EXPECT_TRUE(stream.read_until([&] { return stream.accepted > 1; }));
    EXPECT_TRUE(stream.end().ok());
  }
  // Counters 1 to `count` of another session, all for that future.
  static v1::SessionRequest attaches_to_first(std::uint64_t count) {
    v1::SessionRequest request;
    for (std::uint64_t counter = 1; counter <= count; ++counter) {
      auto& attachment = *request.add_attaches();
      attachment.set_counter(counter);
      attachment.set_id("0192e4a0-1111-8222-9333-000000000001");
    }
    return request;
  }
  static constexpr const char* kOtherSession = "0192e4a0-1111-8222-9444-000000000000";

  Registry registry_;
};

// semantics 4
TEST_F(SessionBadInputTest, WrongArgumentsFailTheirFuturesAlone) {
  SessionServer server(registry_);
  Stream stream(server);
  stream.submit(1, "increment",
                {encode_arguments(std::string("one")), encode_arguments(), "\xff no message", number(1)});
  ASSERT_TRUE(stream.read_outcomes(4));
  for (const std::uint64_t counter : {1U, 2U, 3U}) {
    const v1::Error error = error_of(stream.latest[counter]);
    EXPECT_EQ(error.origin(), v1::ERROR_ORIGIN_CALL) << counter;
    EXPECT_THAT(error.message(), HasSubstr("increment")) << counter;
  }
  EXPECT_EQ(stream.latest[4].kind, v1::SESSION_EVENT_KIND_SUCCEEDED);
}

TEST_F(SessionBadInputTest, WatchedFuturesThatAreGoneAreToldFromThoseThatNeverWere) {
  SessionServer server(registry_);
  Stream stream(server);
  stream.submit(1, "increment", {number(1)});
  ASSERT_TRUE(stream.read_outcomes(1));
  v1::SessionRequest request;
  request.set_acknowledged(stream.last_sequence);
  stream.write(request);
  request.Clear();
  request.add_watched(1);
  request.add_watched(2);
  stream.write(request);
  ASSERT_TRUE(stream.read_until([&] { return stream.outcomes_seen == 3; }));
  EXPECT_EQ(stream.latest[1].kind, v1::SESSION_EVENT_KIND_UNKNOWN);
  EXPECT_THAT(stream.latest[1].payload, HasSubstr("000000000001 has expired"));
  EXPECT_EQ(stream.latest[1].reason, "FUTURE_EXPIRED");
  EXPECT_EQ(stream.latest[2].kind, v1::SESSION_EVENT_KIND_UNKNOWN);
  EXPECT_THAT(stream.latest[2].payload, HasSubstr("000000000002 is unknown"));
  EXPECT_EQ(stream.latest[2].reason, "FUTURE_UNKNOWN");
}

TEST_F(SessionBadInputTest, AttachedFutureThatIsNotThereIsNamed) {
  SessionServer server(registry_);
  Stream stream(server);
  v1::SessionRequest request;
  auto& attachment = *request.add_attaches();
  attachment.set_counter(9);
  attachment.set_id("0b5f9a3e-71c2-8d40-9e5a-000000000001");
  stream.write(request);
  ASSERT_TRUE(stream.read_outcomes(1));
  EXPECT_EQ(stream.latest[9].kind, v1::SESSION_EVENT_KIND_UNKNOWN);
  EXPECT_THAT(stream.latest[9].payload, HasSubstr(attachment.id()));
}

TEST_F(SessionBadInputTest, AnAttachToNoIdIsRefusedAlone) {
  SessionServer server(registry_);
  Stream stream(server);
  v1::SessionRequest request;
  request.add_attaches()->set_id("no uuid");
  request.mutable_attaches(0)->set_counter(9);
  stream.write(request);
  stream.submit(1, "increment", {number(1)});
  ASSERT_TRUE(stream.read_until([&] { return stream.refused() == 1 && stream.finished() == 1; }));
  EXPECT_EQ(stream.refusals[0].first(), 9U);
  EXPECT_EQ(stream.refusals[0].reason(), "FIELD_INVALID");
  EXPECT_EQ(stream.refusals[0].field(), "attaches.id");
  EXPECT_THAT(stream.refusals[0].message(), HasSubstr("no uuid"));
}

TEST_F(SessionBadInputTest, ACounterIsAttachedToOneFuture) {
  SessionServer server(registry_);
  submit_delayed(server);
  Stream stream(server, kOtherSession);
  stream.write(attaches_to_first(1));
  stream.write(attaches_to_first(1));
  const auto status = stream.finish();
  EXPECT_EQ(testing::reason_of(status), "FIELD_INVALID");
  EXPECT_THAT(status.error_message(), AllOf(HasSubstr("attaches.counter"), HasSubstr("1 stands for a future")));
}

TEST_F(SessionBadInputTest, CountersOutOfRangeAreRefused) {
  SessionServer server(registry_);
  Stream stream(server);
  stream.submit(0, "increment", {number(1)});
  stream.submit(std::uint64_t{1} << 48, "increment", {number(1)});
  // With its task it counts on from zero.
  stream.submit(UINT64_MAX, "increment", {number(1)});
  ASSERT_TRUE(stream.read_until([&] { return stream.refused() == 3; }));
  for (const auto& refusal : stream.refusals) {
    EXPECT_EQ(refusal.code(), static_cast<int>(grpc::StatusCode::INVALID_ARGUMENT));
    EXPECT_EQ(refusal.reason(), "FIELD_INVALID");
    EXPECT_EQ(refusal.field(), "submits.first");
    EXPECT_THAT(refusal.message(), HasSubstr("submits.first"));
  }
}

TEST_F(SessionBadInputTest, FuturesOfTheSessionAreWatchedOnceEach) {
  for (const std::uint64_t again : {std::uint64_t{7}, std::uint64_t{6}, std::uint64_t{7} | std::uint64_t{1} << 48}) {
    SessionServer server(registry_);
    Stream stream(server);
    v1::SessionRequest request;
    request.add_watched(7);
    request.add_watched(again);
    stream.write(request);
    const auto status = stream.finish();
    EXPECT_EQ(testing::reason_of(status), "FIELD_INVALID") << again;
    EXPECT_THAT(status.error_message(), AllOf(HasSubstr("watched"), HasSubstr(std::to_string(again) + " after 7")));
  }
}

TEST_F(SessionBadInputTest, AFutureIsAttachedToTenThousandTimesAtMost) {
  SessionServer server(registry_);
  submit_delayed(server);
  Stream stream(server, kOtherSession);
  stream.write(attaches_to_first(10'002));
  ASSERT_TRUE(stream.read_until([&] { return stream.refused() == 2; }));
  EXPECT_EQ(stream.refusals[0].first(), 10'001U);
  EXPECT_EQ(stream.refusals[0].reason(), "TOO_MANY_WATCHERS");
  EXPECT_THAT(stream.refusals[0].message(), HasSubstr("the limit is 10000 for one future"));
  EXPECT_EQ(server.table().stats().watches, 10'000U);
  server.table().cancel_all(core::kDaemonAccount, std::nullopt, core::CancelMode::kPending);
  EXPECT_TRUE(stream.read_outcomes(10'000)) << "the others are told";
}

TEST_F(SessionBadInputTest, AttachedFuturesThatHaveBeenToldCountNoMore) {
  SessionServer server(registry_);
  Stream stream(server);
  for (std::uint64_t round = 0; round < 3; ++round) {
    v1::SessionRequest request;
    for (std::uint64_t i = 1; i <= 4'000; ++i) {
      auto& attachment = *request.add_attaches();
      attachment.set_counter(round * 4'000 + i);
      attachment.set_id("0b5f9a3e-71c2-8d40-9e5a-000000000001");
    }
    stream.write(request);
    ASSERT_TRUE(stream.read_outcomes((round + 1) * 4'000));
  }
}

TEST_F(SessionBadInputTest, CancelsOfAllFuturesAreFewInAMessage) {
  SessionServer server(registry_);
  Stream stream(server);
  v1::SessionRequest request;
  for (int i = 0; i < 65; ++i) request.add_cancels()->set_all(true);
  stream.write(request);
  const auto status = stream.finish();
  EXPECT_EQ(testing::reason_of(status), "TOO_MANY_ITEMS");
  EXPECT_THAT(status.error_message(), AllOf(HasSubstr("cancels.all"), HasSubstr("65"), HasSubstr("64")));
}

TEST_F(SessionBadInputTest, EachRefusedTaskIsCounted) {
  const auto before = core::refusals(core::Reason::kFieldInvalid);
  SessionServer server(registry_);
  Stream stream(server);
  stream.submit(1, "bad name", {number(1), number(2), number(3)});
  ASSERT_TRUE(stream.read_until([&] { return stream.refused() == 3; }));
  EXPECT_EQ(core::refusals(core::Reason::kFieldInvalid), before + 3);
}

TEST_F(SessionBadInputTest, DrainingDaemonRefusesWithADelay) {
  SessionServer server(registry_);
  Stream stream(server);
  server.table().drain_all();
  stream.submit(1, "increment", {number(1)});
  ASSERT_TRUE(stream.read_until([&] { return stream.refused() == 1; }));
  EXPECT_EQ(stream.refusals[0].code(), static_cast<int>(grpc::StatusCode::UNAVAILABLE));
  EXPECT_EQ(stream.refusals[0].reason(), "DAEMON_DRAINING");
  EXPECT_EQ(stream.refusals[0].field(), "");
  EXPECT_THAT(stream.refusals[0].message(), HasSubstr("draining"));
  EXPECT_TRUE(stream.refusals[0].has_retry_delay());
}

TEST_F(SessionBadInputTest, TimeoutAboveTheMaximumIsRefusedWithoutADelay) {
  SessionServer server(registry_, {.max_timeout = std::chrono::minutes(10)});
  Stream stream(server);
  v1::TaskOptions options;
  options.mutable_timeout()->set_seconds(3600);
  stream.submit(1, "increment", {number(1), number(2)}, options);
  stream.submit(3, "increment", {number(3)});
  ASSERT_TRUE(stream.read_outcomes(1));
  ASSERT_TRUE(stream.read_until([&] { return stream.refused() == 2; }));
  for (const auto& refusal : stream.refusals) {
    EXPECT_EQ(refusal.code(), static_cast<int>(grpc::StatusCode::INVALID_ARGUMENT));
    EXPECT_EQ(refusal.reason(), "TIMEOUT_TOO_LONG");
    EXPECT_EQ(refusal.field(), "options.timeout");
    EXPECT_EQ(refusal.message(), "timeout 3600 s is above the maximum of 600 s (max_timeout)");
    EXPECT_FALSE(refusal.has_retry_delay());
  }
  EXPECT_EQ(stream.latest[3].kind, v1::SESSION_EVENT_KIND_SUCCEEDED);
}

TEST_F(SessionBadInputTest, EndlessNameOfAnExecutorIsShownInPart) {
  SessionServer server(registry_);
  Stream stream(server);
  v1::SessionRequest request;
  auto& run = *request.add_submits();
  run.set_first(1);
  run.set_function("increment");
  run.mutable_options()->set_executor(std::string(100'000, 'x'));
  run.add_arguments(number(1));
  stream.write(request);
  ASSERT_TRUE(stream.read_until([&] { return stream.refused() == 1; }));
  EXPECT_EQ(stream.refusals[0].code(), static_cast<int>(grpc::StatusCode::NOT_FOUND));
  EXPECT_EQ(stream.refusals[0].reason(), "EXECUTOR_UNKNOWN");
  EXPECT_EQ(stream.refusals[0].field(), "submits.options.executor");
  EXPECT_LT(stream.refusals[0].message().size(), 300U);
}

}  // namespace
}  // namespace futured
