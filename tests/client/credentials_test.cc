// What the daemon is shown, and what becomes of futures when it does not let the caller in.
#include "futured/credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <stdexcept>
#include <string>

#include "futured/futured.h"
#include "futured/v1/executor_service.grpc.pb.h"
#include "tests/client/fake_daemon.h"
#include "tests/support/environment_variable.h"
#include "tests/support/temporary_directory.h"

namespace futured::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kCanary = "futured_canary";
// What none of these tests waits for.
constexpr auto kFarAway = std::chrono::hours(1);

// Serves calls that show the token, on a socket of the given kind.
FakeDaemon::Script serve_token(const std::string& token) {
  return [token](Conversation& talk) -> grpc::Status {
    if (talk.authorization == "Bearer " + token) return serve_well(talk);
    return {grpc::StatusCode::UNAUTHENTICATED, "who is this?"};
  };
}

class CredentialsTest : public ::testing::Test {
 protected:
  std::string token_file(const std::string& content) const {
    std::string path = folder_.path() + "/token";
    std::ofstream(path) << content;
    ::chmod(path.c_str(), 0600);
    return path;
  }
  std::string path(const std::string& name) const { return folder_.path() + "/" + name; }

  // Why an Executor cannot be made.
  static std::string refusal(const std::string& address, const Credentials& credentials) {
    try {
      const Executor executor(address, {.credentials = credentials});
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "";
  }

 private:
  TemporaryDirectory folder_;
};

std::uint64_t result(Executor& executor) { return executor.submit<std::uint64_t>("any").result(20s); }

// What the error says, if it is an E.
template <class E>
std::string text_of(const Future<std::uint64_t>& future) {
  try {
    future.result(20s);
  } catch (const E& error) {
    return error.what();
  }
  return "";
}

TEST_F(CredentialsTest, TokenIsShownOnLoopback) {
  FakeDaemon daemon({serve_token(kCanary)});
  Executor executor(daemon.address(), {.credentials = {.token = kCanary}});
  EXPECT_EQ(result(executor), 1U);
}

TEST_F(CredentialsTest, TokenIsShownOnAUnixSocket) {
  FakeDaemon daemon({serve_token(kCanary)}, "unix:" + path("socket"));
  Executor executor(daemon.address(), {.credentials = {.token_file = token_file(kCanary)}});
  EXPECT_EQ(result(executor), 1U);
}

TEST_F(CredentialsTest, UnixSocketHasNoUseForCertificates) {
  const EnvironmentVariable authorities("FUTURED_CA_FILE", path("none"));
  FakeDaemon daemon({serve_token(kCanary)}, "unix:" + path("socket"));
  Executor executor(daemon.address(), {.credentials = {.token = kCanary}});
  EXPECT_EQ(result(executor), 1U);
}

TEST_F(CredentialsTest, WithoutATokenNothingIsShown) {
  FakeDaemon daemon({[](Conversation& talk) {
    EXPECT_EQ(talk.authorization, "");
    return serve_well(talk);
  }});
  Executor executor(daemon.address());
  EXPECT_EQ(result(executor), 1U);
}

TEST_F(CredentialsTest, OptionsWinOverTheEnvironment) {
  const EnvironmentVariable variable("FUTURED_TOKEN", "from-environment");
  FakeDaemon daemon({serve_token(kCanary), serve_token("from-environment")});
  Executor executor(daemon.address(), {.credentials = {.token_file = token_file(kCanary)}});
  EXPECT_EQ(result(executor), 1U);
  Executor other(daemon.address());
  EXPECT_EQ(result(other), 1U);
}

TEST_F(CredentialsTest, TokenForAnotherMachineIsRefusedWithoutTls) {
  for (const char* address : {"10.0.0.1:7070", "futured.example:7070", "dns:///futured.example:7070"}) {
    EXPECT_THAT(refusal(address, {.token = kCanary}),
                AllOf(HasSubstr(address), HasSubstr("in plain text"), Not(HasSubstr(kCanary))));
    EXPECT_EQ(refusal(address, {.token = kCanary, .allow_plaintext_token = true}), "");
    EXPECT_EQ(refusal(address, {}), "");
  }
  EXPECT_EQ(refusal("tls://futured.example:7070", {.token = kCanary}), "");
}

TEST_F(CredentialsTest, ContradictionsAreRefused) {
  EXPECT_THAT(refusal("localhost:1", {.token = kCanary, .token_file = "/token"}),
              AllOf(HasSubstr("not both"), Not(HasSubstr(kCanary))));
  EXPECT_THAT(refusal("localhost:1", {.certificate_file = "/certificate"}), HasSubstr("needed together"));
  EXPECT_THAT(refusal("localhost:1", {.token_file = path("none")}), HasSubstr(path("none")));
}

TEST_F(CredentialsTest, CallerWhomTheDaemonDoesNotKnowHearsOfItAtOnce) {
  FakeDaemon daemon({serve_token("another")});
  Executor executor(daemon.address(), {.reconnect_timeout = kFarAway, .credentials = {.token = kCanary}});
  const auto future = executor.submit<std::uint64_t>("any");
  EXPECT_THAT(text_of<Unauthenticated>(future), AllOf(HasSubstr("who is this?"), Not(HasSubstr(kCanary))));
  EXPECT_THROW(executor.submit<std::uint64_t>("any"), Unauthenticated);
  EXPECT_EQ(daemon.streams(), 1);
}

TEST_F(CredentialsTest, CallerWhoMayNotDoThatHearsOfItAtOnce) {
  FakeDaemon daemon({[](Conversation&) -> grpc::Status {
    return {grpc::StatusCode::PERMISSION_DENIED, "not for this executor"};
  }});
  Executor executor(daemon.address(), {.reconnect_timeout = kFarAway});
  const auto future = executor.submit<std::uint64_t>("any");
  EXPECT_THAT(text_of<PermissionDenied>(future), HasSubstr("not for this executor"));
  EXPECT_THROW(executor.submit<std::uint64_t>("any"), PermissionDenied);
  EXPECT_EQ(daemon.streams(), 1);
}

TEST_F(CredentialsTest, CallThatIsNotPermittedLeavesTheOthersAlone) {
  FakeDaemon daemon({[](Conversation& talk) {
    talk.welcome();
    talk.read_submits(1);
    v1::SessionResponse response;
    response.set_accepted(2);
    auto& refusal = *response.add_refusals();
    refusal.set_first(1);
    refusal.set_count(1);
    refusal.set_code(grpc::StatusCode::PERMISSION_DENIED);
    refusal.set_message("not this function");
    talk.send(response);
    return serve_on(talk);
  }});
  Executor executor(daemon.address());
  EXPECT_THAT(text_of<PermissionDenied>(executor.submit<std::uint64_t>("any")), HasSubstr("not this function"));
  EXPECT_EQ(result(executor), 2U);
}

TEST_F(CredentialsTest, TokenThatWasReplacedWhileTheStreamWasOpenIsShownOnTheNext) {
  FakeDaemon daemon({[&](Conversation& talk) -> grpc::Status {
                       EXPECT_EQ(talk.authorization, "Bearer old");
                       talk.welcome();
                       talk.read_submits(1);
                       token_file("new\n");
                       return {grpc::StatusCode::UNAUTHENTICATED, "it has expired"};
                     },
                     serve_token("new")});
  Executor executor(daemon.address(), {.credentials = {.token_file = token_file("old\n")}});
  EXPECT_EQ(result(executor), 1U);
  EXPECT_EQ(daemon.streams(), 2);
}

TEST_F(CredentialsTest, FileThatIsBeingReplacedIsReadAgain) {
  const std::string file = token_file("old");
  FakeDaemon daemon({[&](Conversation& talk) -> grpc::Status {
                       talk.read_submits(1);
                       token_file("");
                       return {grpc::StatusCode::UNAVAILABLE, "broken by the test"};
                     },
                     serve_token("new")});
  Executor executor(daemon.address(), {.credentials = {.token_file = file}});
  const auto future = executor.submit<std::uint64_t>("any");
  ASSERT_TRUE(daemon.wait_for_end(1));
  EXPECT_THROW(future.result(300ms), TimeoutError);
  token_file("new");
  EXPECT_EQ(future.result(20s), 1U);
}

TEST_F(CredentialsTest, FileThatStaysUnreadableIsNamedInTheEnd) {
  const std::string file = token_file("old");
  FakeDaemon daemon({[&](Conversation& talk) -> grpc::Status {
    talk.read_submits(1);
    token_file("canary canary");
    return {grpc::StatusCode::UNAVAILABLE, "broken by the test"};
  }});
  Executor executor(daemon.address(), {.reconnect_timeout = 200ms, .credentials = {.token_file = file}});
  EXPECT_THAT(text_of<ConnectionLost>(executor.submit<std::uint64_t>("any")),
              AllOf(HasSubstr(file), Not(HasSubstr("canary canary"))));
}

// Answers administrators who show the token.
class Administration final : public v1::ExecutorService::Service {
 public:
  explicit Administration(grpc::Status refusal = grpc::Status::OK) : refusal_(std::move(refusal)) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  grpc::Status EndWorkers(grpc::ServerContext* context, const v1::EndWorkersRequest*,
                          v1::EndWorkersResponse*) override {
    const auto shown = context->client_metadata().find("authorization");
    if (shown == context->client_metadata().end() || shown->second != std::string("Bearer ") + kCanary) {
      return {grpc::StatusCode::UNAUTHENTICATED, "who is this?"};
    }
    return refusal_;
  }

  const grpc::Status refusal_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(CredentialsTest, AdministratorsShowTheTokenToo) {
  const Administration daemon;
  Executor executor(daemon.address(), {.executor = "cpu", .credentials = {.token = kCanary}});
  EXPECT_NO_THROW(executor.terminate_workers());
  Executor stranger(daemon.address(), {.executor = "cpu"});
  EXPECT_THROW(stranger.terminate_workers(), Unauthenticated);
}

TEST_F(CredentialsTest, NotEveryoneIsAnAdministrator) {
  const Administration daemon({grpc::StatusCode::PERMISSION_DENIED, "admin is needed"});
  Executor executor(daemon.address(), {.executor = "cpu", .credentials = {.token = kCanary}});
  EXPECT_THROW(executor.kill_workers(), PermissionDenied);
}

}  // namespace
}  // namespace futured::testing
