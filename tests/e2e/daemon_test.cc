// The real daemon, from its start to its end.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "futured/v1/future_service.grpc.pb.h"
#include "tests/support/daemon_process.h"
#include "tests/support/health_probe.h"
#include "tests/support/temporary_directory.h"

namespace futured {
namespace {

using testing::DaemonProcess;
using ::testing::HasSubstr;
using testing::Health;
using testing::health_of;
using testing::kPatience;

constexpr const char* kSession = "01234567-89ab-8cde-8f01-000000000000";
constexpr const char* kFirstFuture = "01234567-89ab-8cde-8f01-000000000001";

std::shared_ptr<grpc::Channel> channel_to(DaemonProcess& daemon) {
  return grpc::CreateChannel(daemon.address(), grpc::InsecureChannelCredentials());
}

std::string one_argument(const std::string& text) {
  v1::Arguments arguments;
  arguments.add_positional()->set_string_value(text);
  return arguments.SerializeAsString();
}

// A session that submits gates.
class Session {
 public:
  explicit Session(const std::shared_ptr<grpc::Channel>& channel) : stub_(v1::FutureService::NewStub(channel)) {
    context_.set_deadline(std::chrono::system_clock::now() + kPatience);
    stream_ = stub_->Session(&context_);
    v1::SessionRequest request;
    request.mutable_hello()->set_session(kSession);
    stream_->Write(request);
  }

  // One task; its counter is `first`.
  void submit(std::uint64_t first, const std::string& gate) {
    v1::SessionRequest request;
    auto& run = *request.add_submits();
    run.set_first(first);
    run.set_function("gate.wait");
    run.add_arguments(one_argument(gate));
    stream_->Write(request);
  }
  // Reads until all submits with a smaller counter are accepted.
  bool accepted(std::uint64_t next) {
    return read_until([&] { return accepted_ >= next; });
  }
  bool refused() {
    return read_until([&] { return !refusals.empty(); });
  }
  // Reads until as many futures have ended.
  bool ended(std::size_t count) {
    return read_until([&] { return outcomes.size() >= count; });
  }
  // Reads to the end of the stream.
  grpc::Status finish() {
    read_until([] { return false; });
    return stream_->Finish();
  }

  std::map<std::uint64_t, v1::SessionEventKind> outcomes;
  std::vector<v1::SessionRefusal> refusals;

 private:
  void acknowledge(std::uint64_t sequence) {
    v1::SessionRequest request;
    request.set_acknowledged(sequence);
    stream_->Write(request);
  }
  template <class Predicate>
  bool read_until(Predicate enough) {
    while (!enough()) {
      v1::SessionResponse response;
      if (!stream_->Read(&response)) return false;
      accepted_ = std::max(accepted_, response.accepted());
      refusals.insert(refusals.end(), response.refusals().begin(), response.refusals().end());
      for (const auto& events : response.events()) {
        acknowledge(events.sequence());
        for (int i = 0; i < events.counters_size(); ++i) {
          if (events.kinds(i) != v1::SESSION_EVENT_KIND_STARTED) outcomes[events.counters(i)] = events.kinds(i);
        }
      }
    }
    return true;
  }

  grpc::ClientContext context_;
  std::unique_ptr<v1::FutureService::Stub> stub_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::SessionRequest, v1::SessionResponse>> stream_;
  std::uint64_t accepted_ = 0;
};

// A daemon with one worker, which is inside a gate; a second task waits behind it.
class DrainTest : public ::testing::Test {
 protected:
  void occupy() {
    session_ = std::make_unique<Session>(channel_);
    session_->submit(1, gate_);
    session_->submit(2, gate_);
    ASSERT_TRUE(session_->accepted(3));
    ASSERT_TRUE(daemon_.wrote("to=RUNNING"));
  }
  void open_gate() const { std::ofstream(gate_).flush(); }

  DaemonProcess daemon_{{"--plugins=" GATE_PLUGIN, "--executor=thread.max_workers=1", "--verbose"}};
  std::string gate_ = daemon_.directory() / "gate";
  std::shared_ptr<grpc::Channel> channel_ = channel_to(daemon_);
  std::unique_ptr<Session> session_;
};

TEST(DaemonTest, StartsWithoutConfigurationAndEndsWithSuccess) {
  DaemonProcess daemon;
  EXPECT_EQ(health_of(channel_to(daemon)), Health::kServing);
  EXPECT_EQ(health_of(channel_to(daemon), "futured.v1.FutureService"), Health::kServing);
  EXPECT_EQ(health_of(channel_to(daemon), "no.such.Service"), Health::kUnknown);
  daemon.send(SIGTERM);
  EXPECT_EQ(daemon.exit_code(), 0);
  EXPECT_THAT(daemon.output(), HasSubstr("INFO listening address=127.0.0.1:"));
}

TEST(DaemonTest, InterruptEndsItToo) {
  DaemonProcess daemon;
  ASSERT_NE(daemon.address(), "");
  daemon.send(SIGINT);
  EXPECT_EQ(daemon.exit_code(), 0);
}

TEST(DaemonTest, HangupIsSurvived) {
  DaemonProcess daemon;
  ASSERT_NE(daemon.address(), "");
  daemon.send(SIGHUP);
  ASSERT_TRUE(daemon.wrote("SIGHUP"));
  EXPECT_EQ(health_of(channel_to(daemon)), Health::kServing);
}

TEST(DaemonTest, EnvironmentConfiguresIt) {
  DaemonProcess daemon({}, {"FUTURED_LOG_FORMAT=json"});
  ASSERT_NE(daemon.address(), "");
  EXPECT_TRUE(daemon.wrote("\"message\":\"listening\""));
}

TEST(DaemonTest, BadConfigurationIsUsageError) {
  DaemonProcess daemon({"--max-pendin=5"});
  EXPECT_EQ(daemon.exit_code(), 2);
  EXPECT_THAT(daemon.output(), HasSubstr("--max-pendin: unknown flag; did you mean --max-pending?"));
}

TEST(DaemonTest, OccupiedPortIsRefusedWithItsName) {
  DaemonProcess first;
  const std::string address = first.address();
  DaemonProcess second({"--listen=" + address});
  EXPECT_EQ(second.exit_code(), 1);
  EXPECT_THAT(second.output(), HasSubstr("cannot listen on " + address));
}

TEST(DaemonTest, PortFileThatCannotBeWrittenIsRefused) {
  DaemonProcess daemon({"--port-file=/nonexistent/port"});
  EXPECT_EQ(daemon.exit_code(), 1);
  EXPECT_THAT(daemon.output(), HasSubstr("/nonexistent/port"));
}

TEST(DaemonTest, PluginThatIsNoneIsRefused) {
  DaemonProcess daemon({"--plugins=" FUTURED_BINARY});
  EXPECT_EQ(daemon.exit_code(), 1);
  EXPECT_THAT(daemon.output(), HasSubstr(FUTURED_BINARY));
}

TEST(DaemonTest, InitializerThatNoPluginHasIsRefused) {
  DaemonProcess daemon({"--executor=p.kind=process", "--executor=p.initializer=no.such"});
  EXPECT_EQ(daemon.exit_code(), 1);
  EXPECT_THAT(daemon.output(), HasSubstr("executors.p.initializer: no plugin has a function"));
}

TEST(DaemonTest, ProgramNamedLikeAFunctionIsRefused) {
  const testing::TemporaryDirectory directory;
  const std::string file = directory.path() + "/futured.toml";
  std::ofstream(file) << "[executors.p]\nkind = \"process\"\n\n"
                      << "[functions.\"gate.wait\"]\nexecutor = \"p\"\ncommand = [\"/bin/true\"]\n";
  DaemonProcess daemon({"--config=" + file, "--plugins=" GATE_PLUGIN});
  EXPECT_EQ(daemon.exit_code(), 1);
  EXPECT_THAT(daemon.output(), HasSubstr("a plugin has a function of that name"));
}

TEST(DaemonTest, LimitThatTheKernelDoesNotKeepIsTold) {
  if (::geteuid() != 0) GTEST_SKIP() << "the kernel limits processes of others than root";
  DaemonProcess daemon({"--executor=p.kind=process", "--executor=p.max_processes=10"});
  EXPECT_TRUE(daemon.wrote("executors.p.max_processes"));
}

TEST_F(DrainTest, PendingIsCancelledAndRunningFinishesAndNewWorkIsRefused) {
  occupy();
  daemon_.send(SIGTERM);
  ASSERT_TRUE(daemon_.wrote("draining"));
  EXPECT_TRUE(session_->ended(1));
  EXPECT_EQ(session_->outcomes.at(2), v1::SESSION_EVENT_KIND_CANCELLED);
  EXPECT_EQ(health_of(channel_), Health::kNotServing);
  session_->submit(3, gate_);
  ASSERT_TRUE(session_->refused());
  EXPECT_EQ(session_->refusals[0].code(), grpc::StatusCode::UNAVAILABLE);

  open_gate();
  EXPECT_TRUE(session_->ended(2));
  EXPECT_EQ(session_->outcomes.at(1), v1::SESSION_EVENT_KIND_SUCCEEDED);
  EXPECT_EQ(session_->finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(daemon_.exit_code(), 0);
}

TEST_F(DrainTest, SecondSignalEndsItAtOnce) {
  occupy();
  daemon_.send(SIGTERM);
  ASSERT_TRUE(daemon_.wrote("draining"));
  daemon_.send(SIGTERM);
  EXPECT_EQ(daemon_.exit_code(), 1);
}

TEST(DaemonTest, RunningTaskAndWhoWaitsForItDoNotOutliveTheGrace) {
  DaemonProcess daemon({"--plugins=" GATE_PLUGIN, "--drain-grace=10ms", "--exit-margin=20s", "--verbose"});
  const auto channel = channel_to(daemon);
  Session session(channel);
  session.submit(1, daemon.directory() / "gate");
  ASSERT_TRUE(session.accepted(2));
  ASSERT_TRUE(daemon.wrote("to=RUNNING"));

  const auto stub = v1::FutureService::NewStub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  v1::ResultRequest request;
  request.set_id(kFirstFuture);
  v1::ResultResponse response;
  auto waiting = std::async(std::launch::async, [&] { return stub->Result(&context, request, &response); });
  daemon.send(SIGTERM);
  EXPECT_EQ(waiting.get().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(session.finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(daemon.exit_code(), 1);
  EXPECT_THAT(daemon.output(), HasSubstr("the grace is over"));
}

}  // namespace
}  // namespace futured
