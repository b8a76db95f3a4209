#include "server/rpc/session_reactor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <map>
#include <string>
#include <vector>

#include "tests/support/details.h"
#include "tests/support/eventually.h"
#include "tests/support/session_server.h"
#include "tests/support/session_stream.h"

namespace futured {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Outcome = testing::SessionOutcome;
using Stream = testing::SessionStream;
using testing::kPatience;
using testing::SessionServer;

// The functions that these tests call, and a gate that "blocked" waits for.
struct Functions {
  Functions() {
    registry.add(Task<std::uint64_t(std::uint64_t)>("increment"), [](std::uint64_t n) { return n + 1; });
    registry.add(Task<std::string(std::string)>("fail"),
                 [](const std::string& text) -> std::string { throw std::out_of_range(text); });
    registry.add(Task<Bytes(std::uint64_t)>("bytes"), [](std::uint64_t n) { return Bytes{std::string(n, 'x')}; });
    registry.add(Task<void()>("blocked"), [this] { open.get_future().share().wait_for(kPatience); });
    registry.add(Task<void()>("until_stopped"), [](Context& context) {
      std::promise<void> stopped;
      const std::stop_callback callback(context.stop_token(), [&] { stopped.set_value(); });
      stopped.get_future().wait_for(kPatience);
      context.throw_if_stop_requested();
    });
  }
  Registry registry;
  std::promise<void> open;
};

std::string number(std::uint64_t n) { return encode_arguments(n); }

v1::Error error_of(const Outcome& outcome) {
  v1::Error error;
  EXPECT_TRUE(error.ParseFromString(outcome.payload));
  return error;
}

class SessionReactorTest : public ::testing::Test {
 protected:
  Functions functions_;
};

TEST_F(SessionReactorTest, OutcomesArriveForAllSubmits) {
  SessionServer server(functions_.registry);
  Stream stream(server);
  std::vector<std::string> arguments;
  for (std::uint64_t i = 0; i < 2000; ++i) arguments.push_back(number(i));
  stream.submit(1, "increment", arguments);
  ASSERT_TRUE(stream.read_until([&] { return stream.finished() == 2000 && stream.accepted == 2001; }));
  EXPECT_EQ(decode_value<std::uint64_t>(stream.latest[1].payload), 1u);
  EXPECT_EQ(decode_value<std::uint64_t>(stream.latest[2000].payload), 2000u);
  EXPECT_EQ(stream.outcomes_seen, 2000u) << "each once";
  EXPECT_TRUE(stream.end().ok());
}

TEST_F(SessionReactorTest, WelcomeTellsExecutorAndLimits) {
  SessionServer server(functions_.registry, {}, {"epoch-1", "1.2.3"});
  Stream stream(server, Stream::kSession, 2);
  ASSERT_TRUE(stream.read_until([&] { return !stream.welcome.epoch().empty(); }));
  EXPECT_EQ(stream.welcome.epoch(), "epoch-1");
  EXPECT_EQ(stream.welcome.version(), "1.2.3");
  EXPECT_EQ(stream.welcome.executor(), "thread");
  EXPECT_EQ(stream.welcome.max_workers(), 2u);
  EXPECT_EQ(stream.welcome.max_arguments_size(), 4u << 20);
}

TEST_F(SessionReactorTest, AFailureCarriesTypeAndMessage) {
  SessionServer server(functions_.registry);
  Stream stream(server);
  stream.submit(1, "fail", {encode_arguments(std::string("no such row"))});
  ASSERT_TRUE(stream.read_outcomes(1));
  EXPECT_EQ(stream.latest[1].kind, v1::SESSION_EVENT_KIND_FAILED);
  const v1::Error error = error_of(stream.latest[1]);
  EXPECT_EQ(error.type(), "std::out_of_range");
  EXPECT_EQ(error.message(), "no such row");
  EXPECT_EQ(error.origin(), v1::ERROR_ORIGIN_TASK);
  EXPECT_EQ(error.attempt(), 1u);
  EXPECT_THAT(error.worker(), HasSubstr("thread-"));
}

// semantics 4
TEST_F(SessionReactorTest, AnUnknownFunctionFailsItsFutureAlone) {
  SessionServer server(functions_.registry);
  Stream stream(server);
  stream.submit(1, "no.such.function", {""});
  stream.submit(2, "increment", {number(1)});
  ASSERT_TRUE(stream.read_outcomes(2));
  EXPECT_EQ(error_of(stream.latest[1]).type(), "futured::UnknownFunction");
  EXPECT_THAT(error_of(stream.latest[1]).message(), HasSubstr("no.such.function"));
  EXPECT_EQ(stream.latest[2].kind, v1::SESSION_EVENT_KIND_SUCCEEDED);
}

TEST_F(SessionReactorTest, AcknowledgedOutcomesAreReleased) {
  SessionServer server(functions_.registry);
  Stream stream(server);
  stream.submit(1, "increment", {number(1), number(2), number(3)});
  ASSERT_TRUE(stream.read_outcomes(3));
  EXPECT_EQ(server.table().stats().retained, 3u);
  stream.acknowledge(stream.last_sequence);
  EXPECT_TRUE(stream.end().ok());
  EXPECT_EQ(server.table().stats().retained, 0u);
}

TEST_F(SessionReactorTest, RetentionKeepsAnAcknowledgedOutcome) {
  SessionServer server(functions_.registry);
  Stream stream(server);
  v1::TaskOptions options;
  options.mutable_retention()->set_seconds(60);
  stream.submit(1, "increment", {number(1)}, options);
  ASSERT_TRUE(stream.read_outcomes(1));
  stream.acknowledge(stream.last_sequence);
  EXPECT_TRUE(stream.end().ok());
  EXPECT_EQ(server.table().stats().retained, 1u);
}

TEST_F(SessionReactorTest, ABrokenStreamIsResumedByWatchingAndResubmitting) {
  SessionServer server(functions_.registry);
  {
    Stream first(server);
    first.submit(1, "increment", {number(1), number(2)});
    ASSERT_TRUE(first.read_outcomes(2));
    first.break_off();
    EXPECT_FALSE(first.finish().ok());
  }
  Stream second(server);
  second.submit(2, "increment", {number(2), number(3)});
  v1::SessionRequest request;
  request.add_watched(1);
  request.add_watched(77);
  second.write(request);
  ASSERT_TRUE(second.read_outcomes(4));
  EXPECT_EQ(decode_value<std::uint64_t>(second.latest[1].payload), 2u);
  EXPECT_EQ(decode_value<std::uint64_t>(second.latest[2].payload), 3u);
  EXPECT_EQ(second.latest[77].kind, v1::SESSION_EVENT_KIND_UNKNOWN);
  EXPECT_EQ(server.table().stats().submitted, 3u) << "counter 2 is the same future";
}

TEST_F(SessionReactorTest, AnotherSessionAttachesById) {
  SessionServer server(functions_.registry);
  Stream first(server);
  first.submit(5, "increment", {number(41)});
  ASSERT_TRUE(first.read_outcomes(1));
  Stream second(server, "0192e4a0-1111-8222-9333-000000000000" + std::string());
  EXPECT_EQ(testing::reason_of(first.finish()), "SESSION_TAKEN_OVER") << "the same session took over";

  Stream other(server, "aaaaaaaa-1111-8222-9333-000000000000");
  v1::SessionRequest request;
  request.add_attaches()->set_id("0192e4a0-1111-8222-9333-000000000005");
  request.mutable_attaches(0)->set_counter(1);
  other.write(request);
  ASSERT_TRUE(other.read_outcomes(1));
  EXPECT_EQ(decode_value<std::uint64_t>(other.latest[1].payload), 42u);
  other.acknowledge(other.last_sequence);
  EXPECT_TRUE(other.end().ok());
  EXPECT_EQ(server.table().stats().retained, 1u) << "an attached future is not ours to release";
}

// semantics 106
TEST_F(SessionReactorTest, CancelTellsWhatHappenedToEach) {
  SessionServer server(functions_.registry);
  Stream stream(server, Stream::kSession, 1);
  stream.submit(1, "until_stopped", {"", ""});
  ASSERT_TRUE(stream.read_until([&] { return stream.latest.contains(1); }));
  EXPECT_EQ(stream.latest[1].kind, v1::SESSION_EVENT_KIND_STARTED);
  v1::SessionRequest request;
  auto& cancel = *request.add_cancels();
  cancel.set_request(9);
  for (std::uint64_t counter = 1; counter <= 3; ++counter) cancel.add_counters(counter);
  stream.write(request);
  ASSERT_TRUE(stream.read_until([&] { return !stream.cancelled.empty(); }));
  EXPECT_EQ(stream.cancelled[0].request(), 9u);
  EXPECT_THAT(stream.cancelled[0].effects(),
              ElementsAre(v1::CANCEL_EFFECT_RUNNING, v1::CANCEL_EFFECT_CANCELLED, v1::CANCEL_EFFECT_NOT_FOUND));
  cancel.set_mode(v1::CANCEL_MODE_COOPERATIVE);
  stream.write(request);
  ASSERT_TRUE(stream.read_outcomes(2));
  EXPECT_EQ(stream.latest[1].kind, v1::SESSION_EVENT_KIND_CANCELLED) << "the function honoured the request";
}

// semantics 51
TEST_F(SessionReactorTest, CancelAllSparesOtherSessions) {
  SessionServer server(functions_.registry);
  Stream stream(server, Stream::kSession, 1);
  Stream other(server, "aaaaaaaa-1111-8222-9333-000000000000", 1);
  stream.submit(1, "until_stopped", {"", "", ""});
  other.submit(1, "until_stopped", {""});
  ASSERT_TRUE(stream.read_until([&] { return stream.latest.contains(1); }));
  v1::SessionRequest request;
  auto& cancel = *request.add_cancels();
  cancel.set_request(1);
  cancel.set_all(true);
  cancel.set_mode(v1::CANCEL_MODE_COOPERATIVE);
  stream.write(request);
  ASSERT_TRUE(stream.read_until([&] { return stream.finished() == 3 && !stream.cancelled.empty(); }));
  EXPECT_EQ(stream.cancelled[0].cancelled(), 2u);
  EXPECT_EQ(stream.cancelled[0].stop_requested(), 1u);
  EXPECT_EQ(server.table().stats().unfinished, 1u);
  other.write(request);
  EXPECT_TRUE(other.read_outcomes(1));
}

TEST_F(SessionReactorTest, AFullDaemonRefusesEverythingBehindTheFirstRefused) {
  core::Limits limits;
  limits.max_pending = 2;
  SessionServer server(functions_.registry, limits);
  server.table().set_executor_state(0, core::ExecutorState::kPaused);
  Stream stream(server);
  stream.submit(1, "increment", {number(1), number(2)});
  stream.submit(3, "increment", {number(3)});
  stream.submit(4, "increment", {number(4)});
  ASSERT_TRUE(stream.read_until([&] { return stream.refused() == 2; }));
  EXPECT_EQ(stream.refusals[0].first(), 3u);
  EXPECT_EQ(stream.refusals[0].code(), static_cast<int>(grpc::StatusCode::RESOURCE_EXHAUSTED));
  EXPECT_GT(stream.refusals[0].retry_delay().nanos(), 0);
  EXPECT_EQ(stream.refusals[0].reason(), "TOO_MANY_PENDING");
  EXPECT_THAT(stream.refusals[0].message(), HasSubstr("limit is 2"));
  server.table().set_executor_state(0, core::ExecutorState::kActive);
  ASSERT_TRUE(stream.read_outcomes(2));
  stream.submit(4, "increment", {number(4)});
  ASSERT_TRUE(stream.read_until([&] { return stream.refused() == 3; })) << "order is kept: 3 comes first";
  stream.submit(3, "increment", {number(3), number(4)});
  ASSERT_TRUE(stream.read_outcomes(4));
}

TEST_F(SessionReactorTest, OfAMessageThatIsTooMuchTheFirstAreAccepted) {
  SessionServer server(functions_.registry, {.max_pending = 3});
  server.table().set_executor_state(0, core::ExecutorState::kPaused);
  Stream stream(server);
  stream.submit(1, "increment", std::vector<std::string>(10, number(1)));
  ASSERT_TRUE(stream.read_until([&] { return stream.refused() == 7; }));
  EXPECT_EQ(stream.refusals[0].first(), 4u);
  EXPECT_TRUE(stream.refusals[0].has_retry_delay());
  server.table().set_executor_state(0, core::ExecutorState::kActive);
  ASSERT_TRUE(stream.read_outcomes(3));
}

TEST_F(SessionReactorTest, ATaskThatNeverFitsIsRefusedAloneAndForGood) {
  SessionServer server(functions_.registry, {.max_pending_bytes = 100});
  Stream stream(server);
  stream.submit(1, "increment", {number(1), std::string(101, 'x'), number(3)});
  ASSERT_TRUE(stream.read_until([&] { return stream.refusals.size() == 1 && stream.finished() == 2; }));
  EXPECT_EQ(stream.refusals[0].first(), 2u);
  EXPECT_EQ(stream.refusals[0].count(), 1u);
  EXPECT_FALSE(stream.refusals[0].has_retry_delay());
  EXPECT_EQ(stream.refusals[0].reason(), "TOO_MANY_PENDING_BYTES");
  EXPECT_THAT(stream.refusals[0].message(), HasSubstr("the limit is 100"));
}

TEST_F(SessionReactorTest, ABadTaskIsRefusedAloneAndForGood) {
  rpc::SessionSettings settings;
  settings.max_arguments_size = 100;
  SessionServer server(functions_.registry, {}, settings);
  Stream stream(server);
  stream.submit(1, "increment", {number(1), std::string(101, 'x'), number(3)});
  stream.submit(4, "bad name", {""});
  stream.submit(5, "increment", {number(5)});
  ASSERT_TRUE(stream.read_until([&] { return stream.refusals.size() == 2 && stream.finished() == 3; }));
  EXPECT_EQ(stream.refusals[0].first(), 2u);
  EXPECT_EQ(stream.refusals[0].count(), 1u);
  EXPECT_FALSE(stream.refusals[0].has_retry_delay());
  EXPECT_EQ(stream.refusals[0].reason(), "ARGUMENTS_TOO_LARGE");
  EXPECT_THAT(stream.refusals[0].message(), HasSubstr("101 bytes, the limit is 100"));
  EXPECT_EQ(stream.refusals[1].first(), 4u);
  EXPECT_EQ(stream.refusals[1].reason(), "FIELD_INVALID");
  EXPECT_EQ(stream.refusals[1].field(), "submits.function");
  EXPECT_THAT(stream.refusals[1].message(), HasSubstr("bad name"));
}

TEST_F(SessionReactorTest, TheSameCounterWithOtherArgumentsIsRefused) {
  SessionServer server(functions_.registry);
  Stream stream(server);
  stream.submit(1, "increment", {number(1)});
  ASSERT_TRUE(stream.read_outcomes(1));
  stream.submit(1, "increment", {number(2), number(3)});
  ASSERT_TRUE(stream.read_until([&] { return !stream.refusals.empty() && stream.finished() == 2; }));
  EXPECT_EQ(stream.refusals[0].code(), static_cast<int>(grpc::StatusCode::ALREADY_EXISTS));
  EXPECT_EQ(stream.refusals[0].reason(), "FUTURE_ID_TAKEN");
  EXPECT_EQ(stream.refusals[0].first(), 1u);
  EXPECT_EQ(decode_value<std::uint64_t>(stream.latest[1].payload), 2u) << "the first is untouched";
}

TEST_F(SessionReactorTest, ProtocolErrorsEndTheStreamAndSayWhy) {
  SessionServer server(functions_.registry);
  Stream bad_session(server, "not-a-uuid");
  const grpc::Status bad = bad_session.finish();
  EXPECT_EQ(testing::details_of(bad).reason, "FIELD_INVALID");
  EXPECT_EQ(testing::details_of(bad).field, "hello.session");
  EXPECT_THAT(bad.error_message(), HasSubstr("not-a-uuid"));

  Stream greets_twice(server);
  v1::SessionRequest request;
  request.mutable_hello()->set_session(Stream::kSession);
  greets_twice.write(request);
  EXPECT_EQ(testing::reason_of(greets_twice.finish()), "FIELD_INVALID");
}

TEST_F(SessionReactorTest, LargeValuesArriveInMessagesOfBoundedSize) {
  SessionServer server(functions_.registry);
  Stream stream(server);
  std::vector<std::string> arguments(20, number(1 << 20));
  stream.submit(1, "bytes", arguments);
  ASSERT_TRUE(stream.read_outcomes(20)) << "no message is above the client's limit of 4 MiB";
  EXPECT_EQ(decode_value<Bytes>(stream.latest[20].payload).data.size(), std::size_t{1} << 20);
}

TEST_F(SessionReactorTest, GaugesReturnToTheirBaseWhenAClientVanishes) {
  SessionServer server(functions_.registry);
  {
    Stream stream(server);
    stream.submit(1, "until_stopped", {"", ""});
    ASSERT_TRUE(stream.read_until([&] { return stream.latest.contains(1); }));
    EXPECT_EQ(server.table().stats().subscribers, 1u);
    stream.break_off();
    EXPECT_FALSE(stream.finish().ok());
  }
  server.table().cancel_all(core::kDaemonAccount, std::nullopt, core::CancelMode::kCooperative);
  EXPECT_TRUE(server.table().wait_until_idle(std::chrono::steady_clock::now() + kPatience));
  // A new stream of the same session waits for the old one's end, as both are entered in the registry.
  Stream again(server);
  v1::SessionRequest request;
  request.add_watched(1);
  again.write(request);
  ASSERT_TRUE(again.read_outcomes(1));
  EXPECT_TRUE(again.end().ok());
  EXPECT_EQ(server.table().stats().watches, 0u);
}

}  // namespace
}  // namespace futured
