// What keeps the daemon from starting, and the Unix socket of the real one.
#include <sys/stat.h>
#include <unistd.h>

#include "tests/access/access_fixture.h"

namespace futured {
namespace {

using testing::bearer;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::raw_call;

class StartTest : public testing::AccessFixture {
 protected:
  std::string socket() const { return certificates_.path() + "/run/futured.sock"; }
};

TEST_F(StartTest, UnixSocketServesItsOwnUserWithoutCredentials) {
  start({"--listen=unix:" + socket()});
  EXPECT_EQ(addresses().at(1), "unix:" + socket());
  EXPECT_TRUE(list(channel("unix:" + socket(), grpc::InsecureChannelCredentials())).ok());
}

TEST_F(StartTest, UnixSocketIsGoneAfterTheDaemonAndReplacedAfterItsDeath) {
  start({"--listen=unix:" + socket()});
  addresses();
  daemon_->send(SIGKILL);
  daemon_->exit_code();
  EXPECT_TRUE(std::filesystem::exists(socket()));
  start({"--listen=unix:" + socket()});
  EXPECT_TRUE(list(channel("unix:" + socket(), grpc::InsecureChannelCredentials())).ok());
  daemon_->send(SIGTERM);
  EXPECT_EQ(daemon_->exit_code(), 0) << daemon_->output();
  EXPECT_FALSE(std::filesystem::exists(socket()));
}

TEST_F(StartTest, UserOfTheUnixSocketIsAnIdentity) {
  realm_.add("me", "verbs = [\"read\"]\nuids = [" + std::to_string(::geteuid()) + "]");
  realm_.add_with_verbs("web", "shop", {"read"});
  const std::string token = realm_.issue("web");
  start_with_realm({"--listen=unix:" + socket()});
  addresses();
  const auto by_socket = channel("unix:" + socket(), grpc::InsecureChannelCredentials());
  EXPECT_TRUE(list(by_socket).ok());
  EXPECT_TRUE(list(by_socket, bearer(token)).ok());
  EXPECT_EQ(list(by_socket, bearer(security::make_token())).error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(list(plain()).error_code(), grpc::StatusCode::UNAUTHENTICATED) << "TCP has no users";
}

TEST_F(StartTest, WithIdentitiesTheDaemonsOwnUserIsNobodyUnlessOneNamesIt) {
  realm_.add_with_verbs("web", "shop", {"read"});
  realm_.issue("web");
  start_with_realm({"--listen=unix:" + socket()});
  addresses();
  EXPECT_EQ(list(channel("unix:" + socket(), grpc::InsecureChannelCredentials())).error_code(),
            grpc::StatusCode::UNAUTHENTICATED);
}

TEST_F(StartTest, SocketInAFolderOfOthersIsRefused) {
  const std::string folder = certificates_.path() + "/open";
  std::filesystem::create_directory(folder);
  ::chmod(folder.c_str(), 0777);
  EXPECT_THAT(refusal({"--listen=unix:" + folder + "/s"}), HasSubstr("others may write to " + folder));
}

TEST_F(StartTest, BadTokensFileIsNamed) {
  realm_.add_with_verbs("web", "shop", {"read"});
  realm_.issue("web");
  ::chmod(realm_.tokens().c_str(), 0644);
  EXPECT_THAT(refusal(realm_.flags()), HasSubstr(realm_.tokens() + ": has the mode 0644"));
}

TEST_F(StartTest, ReflectionIsOffWithIdentitiesUnlessAskedFor) {
  realm_.add_with_verbs("web", "shop", {"read"});
  realm_.issue("web");
  const auto answers = [&] {
    return raw_call(plain(), "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "")
               .status.error_code() != grpc::StatusCode::UNIMPLEMENTED;
  };
  start_with_realm();
  EXPECT_FALSE(answers());
  start_with_realm({"--reflection"});
  EXPECT_TRUE(answers());
}

TEST_F(StartTest, HealthNeedsNoCredentials) {
  realm_.add_with_verbs("web", "shop", {"read"});
  realm_.issue("web");
  start_with_realm();
  EXPECT_TRUE(raw_call(plain(), "/grpc.health.v1.Health/Check", "").status.ok());
}

class AuditTest : public StartTest {
 protected:
  void SetUp() override {
    realm_.add_with_verbs("web", "shop", {"submit", "read"});
    token_ = realm_.issue("web");
    start_with_realm({"--audit-log=" + realm_.file("audit.log"), "--log-level=debug"});
  }
  std::string log() const { return testing::text_of(realm_.file("audit.log")); }
  bool logged(const std::string& words) const {
    return testing::eventually([&] { return log().find(words) != std::string::npos; });
  }
  grpc::Status submit(const std::string& argument) {
    v1::SubmitRequest request;
    auto* task = request.add_tasks();
    task->set_function("gate.none");
    task->mutable_arguments()->add_positional()->set_string_value(argument);
    request.mutable_wait()->set_seconds(10);
    return raw_call(plain(), "/futured.v1.FutureService/Submit", request.SerializeAsString(), bearer(token_)).status;
  }

  std::string token_;
};

TEST_F(AuditTest, SaysWhoAskedForWhatAndWhatWasDecided) {
  EXPECT_TRUE(submit("a").ok());
  EXPECT_TRUE(logged("\"message\":\"allowed\",\"identity\":\"web\",\"namespace\":\"shop\",\"peer\":\"ipv4:127.0.0.1:"));
  EXPECT_TRUE(
      logged("\"verb\":\"submit\",\"rpc\":\"/futured.v1.FutureService/Submit\",\"ids\":1,"
             "\"function\":\"gate.none\"}"));
  v1::CancelRequest cancel;
  cancel.add_ids("3f0c9a51-77d2-8c1e-9d3a-000000000001");
  raw_call(plain(), "/futured.v1.FutureService/Cancel", cancel.SerializeAsString(), bearer(token_));
  EXPECT_TRUE(logged("\"message\":\"denied\",\"reason\":\"PERMISSION_DENIED\",\"identity\":\"web\""));
  list(plain());
  EXPECT_TRUE(logged("\"message\":\"denied\",\"reason\":\"CREDENTIALS_MISSING\",\"peer\":\"ipv4:127.0.0.1:"));
}

TEST_F(AuditTest, IsOpenedAgainOnSighup) {
  EXPECT_TRUE(submit("a").ok());
  EXPECT_TRUE(logged("allowed"));
  std::filesystem::rename(realm_.file("audit.log"), realm_.file("audit.log.1"));
  reload();
  ASSERT_TRUE(testing::eventually([&] { return std::filesystem::exists(realm_.file("audit.log")); }));
  EXPECT_TRUE(submit("a").ok());
  EXPECT_TRUE(logged("allowed"));
}

TEST_F(AuditTest, SecretsAreInNoLog) {
  const std::string canary = "canary-5e3f1d";
  const std::string bad = security::make_token();
  EXPECT_TRUE(submit(canary).ok());
  EXPECT_FALSE(list(plain(), bearer(bad)).ok());
  EXPECT_FALSE(list(plain(), {{"authorization", canary}}).ok());
  EXPECT_TRUE(logged("CREDENTIALS_INVALID"));
  EXPECT_TRUE(daemon_->wrote("a caller was not let in"));
  daemon_->send(SIGTERM);
  EXPECT_EQ(daemon_->exit_code(), 0);
  for (const std::string& text : {daemon_->output(), log()}) {
    for (const std::string& secret : {canary, token_, bad, token_.substr(8), bad.substr(8)}) {
      EXPECT_THAT(text, Not(HasSubstr(secret)));
    }
  }
}

TEST_F(AuditTest, FloodOfBadCredentialsDoesNotFloodTheLog) {
  const auto channel = plain();
  for (int i = 0; i < 100; ++i) list(channel, bearer(security::make_token()));
  EXPECT_TRUE(list(plain(), bearer(token_)).ok()) << "who has a good token is not locked out";
  const std::string text = daemon_->output();
  std::size_t lines = 0;
  for (std::size_t i = 0; (i = text.find("not let in", i)) != std::string::npos; ++i) ++lines;
  EXPECT_GE(lines, 1U);
  EXPECT_LT(lines, 100U);
}

}  // namespace
}  // namespace futured
