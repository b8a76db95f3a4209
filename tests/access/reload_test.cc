// Tokens and identities that change while streams are open.
#include <chrono>

#include "tests/access/access_fixture.h"

namespace futured {
namespace {

using testing::bearer;
using ::testing::HasSubstr;
using testing::kPatience;
using testing::seconds_from_now;

constexpr auto kUnauthenticated = grpc::StatusCode::UNAUTHENTICATED;

// A session that is open.
class OpenSession {
 public:
  OpenSession(const std::shared_ptr<grpc::Channel>& channel, const std::string& token, const std::string& id)
      : stub_(v1::FutureService::NewStub(channel)) {
    context_.set_deadline(std::chrono::system_clock::now() + kPatience);
    context_.AddMetadata("authorization", "Bearer " + token);
    stream_ = stub_->Session(&context_);
    v1::SessionRequest request;
    request.mutable_hello()->set_session(id);
    stream_->Write(request);
    v1::SessionResponse response;
    EXPECT_TRUE(stream_->Read(&response) && response.has_welcome());
  }
  // Attaches to a future, which needs the verb to read.
  void attach(const std::string& id) {
    v1::SessionRequest request;
    auto* attach = request.add_attaches();
    attach->set_id(id);
    attach->set_counter(1);
    stream_->Write(request);
  }
  // The code with which that is refused.
  grpc::StatusCode refusal_of_attach(const std::string& id) {
    attach(id);
    v1::SessionResponse response;
    while (response.refusals().empty() && stream_->Read(&response)) {
    }
    return response.refusals().empty() ? grpc::StatusCode::OK
                                       : static_cast<grpc::StatusCode>(response.refusals(0).code());
  }
  void cancel_all() {
    v1::SessionRequest request;
    auto* cancel = request.add_cancels();
    cancel->set_all(true);
    cancel->set_mode(v1::CANCEL_MODE_COOPERATIVE);
    stream_->Write(request);
  }
  void say_goodbye() { stream_->WritesDone(); }
  // How the daemon ends it.
  grpc::Status end() {
    v1::SessionResponse response;
    while (stream_->Read(&response)) {
    }
    return stream_->Finish();
  }

 private:
  const std::unique_ptr<v1::FutureService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::SessionRequest, v1::SessionResponse>> stream_;
};

constexpr const char* kFirst = "01234567-89ab-8cde-8f01-000000000000";
constexpr const char* kSecond = "01234567-89ab-8cde-8f02-000000000000";
constexpr const char* kUnknownId = "3f0c9a51-77d2-8c1e-9d3a-000000000001";

class ReloadTest : public testing::AccessFixture {
 protected:
  void SetUp() override { realm_.add_with_verbs("web", "shop", {"submit", "read", "cancel"}); }
  // Of a task that runs until it is told to stop.
  std::string unfinished_future(const std::string& token) {
    v1::SubmitRequest request;
    auto* task = request.add_tasks();
    task->set_function("gate.none");
    task->mutable_options()->mutable_delay()->set_seconds(3600);
    const auto reply =
        testing::raw_call(plain(), "/futured.v1.FutureService/Submit", request.SerializeAsString(), bearer(token));
    EXPECT_TRUE(reply.status.ok()) << reply.status.error_message();
    v1::SubmitResponse response;
    if (reply.messages.empty() || !response.ParseFromString(reply.messages.front())) return "";
    return response.futures(0).id();
  }
};

TEST_F(ReloadTest, RevokedTokenEndsItsStreamsAndNoOthers) {
  const std::string old = realm_.issue("web");
  const std::string renewed = realm_.issue("web");
  start_with_realm();
  OpenSession ended(plain(), old, kFirst);
  OpenSession stays(plain(), renewed, kSecond);
  realm_.revoke(old);
  reload();
  const auto status = ended.end();
  EXPECT_EQ(status.error_code(), kUnauthenticated);
  EXPECT_THAT(status.error_message(), HasSubstr("the token is not known"));
  EXPECT_EQ(list(plain(), bearer(old)).error_code(), kUnauthenticated);
  stays.say_goodbye();
  EXPECT_TRUE(stays.end().ok());
}

TEST_F(ReloadTest, RevokedTokenEndsCallsThatWait) {
  const std::string token = realm_.issue("web");
  const std::string other = realm_.issue("web");
  start_with_realm();
  const std::string id = unfinished_future(token);
  const auto channel = plain();
  const auto stub = v1::FutureService::NewStub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  context.AddMetadata("authorization", "Bearer " + token);
  v1::AsCompletedRequest request;
  request.add_ids(id);
  const auto stream = stub->AsCompleted(&context, request);
  // It is there once another call of the connection has been answered.
  EXPECT_TRUE(list(channel, bearer(token)).ok());
  realm_.revoke(token);
  reload();
  v1::AsCompletedResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(stream->Finish().error_code(), kUnauthenticated);
  EXPECT_TRUE(list(plain(), bearer(other)).ok());
}

TEST_F(ReloadTest, TokenThatExpiresEndsItsStreams) {
  realm_.issue("web");
  start_with_realm();
  EXPECT_NE(daemon_->address(), "");
  // Long enough to come in.
  const std::string token = realm_.issue("web", seconds_from_now(10));
  reload();
  OpenSession session(plain(), token, kFirst);
  const auto status = session.end();
  EXPECT_EQ(status.error_code(), kUnauthenticated);
  EXPECT_EQ(status.error_message(), "the token has expired");
}

TEST_F(ReloadTest, NewTokenAndNewIdentityCountAfterReload) {
  const std::string first = realm_.issue("web");
  start_with_realm();
  EXPECT_TRUE(list(plain(), bearer(first)).ok());
  realm_.add_with_verbs("ci", "ci", {"read"});
  const std::string second = realm_.issue("ci");
  EXPECT_EQ(list(plain(), bearer(second)).error_code(), kUnauthenticated);
  reload();
  EXPECT_TRUE(list(plain(), bearer(second)).ok());
}

TEST_F(ReloadTest, BadFileIsNamedAndTheOldOneStays) {
  const std::string token = realm_.issue("web");
  start_with_realm();
  EXPECT_TRUE(list(plain(), bearer(token)).ok());
  realm_.add("ci", "verbs = [\"reed\"]");
  daemon_->send(SIGHUP);
  EXPECT_TRUE(daemon_->wrote("is no verb; did you mean read?"));
  EXPECT_TRUE(list(plain(), bearer(token)).ok());
}

TEST_F(ReloadTest, SessionMayDoWhatItsIdentityMay) {
  realm_.add_with_verbs("submitter", "shop", {"submit"});
  realm_.add_with_verbs("reader", "shop", {"read"});
  const std::string submitter = realm_.issue("submitter");
  const std::string reader = realm_.issue("reader");
  start_with_realm();
  OpenSession first(plain(), submitter, kFirst);
  EXPECT_EQ(first.refusal_of_attach(kUnknownId), grpc::StatusCode::PERMISSION_DENIED);
  first.say_goodbye();
  EXPECT_TRUE(first.end().ok()) << "what it may do goes on";
  OpenSession second(plain(), reader, kSecond);
  second.cancel_all();
  EXPECT_EQ(second.end().error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(ReloadTest, FunctionsAndExecutorsAreThoseOfTheIdentity) {
  realm_.add("image", "verbs = [\"submit\"]\nexecutors = [\"thread\"]\nfunctions = [\"image.*\"]");
  const std::string token = realm_.issue("image");
  start_with_realm({"--executor=thread.max_workers=1", "--executor=other.max_workers=1"});
  const auto submit = [&](const std::string& function, const std::string& executor) {
    v1::SubmitRequest request;
    // Behind one that is allowed.
    request.add_tasks()->set_function("image.resize");
    auto* task = request.add_tasks();
    task->set_function(function);
    task->mutable_options()->set_executor(executor);
    return testing::raw_call(plain(), "/futured.v1.FutureService/Submit", request.SerializeAsString(), bearer(token))
        .status;
  };
  EXPECT_TRUE(submit("image.crop", "thread").ok());
  EXPECT_THAT(submit("math.is_prime", "thread").error_message(), HasSubstr("\"image\" may not submit the function"));
  EXPECT_THAT(submit("image.crop", "other").error_message(), HasSubstr("\"image\" may not submit to the executor"));
  EXPECT_EQ(submit("image.crop", "other").error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

}  // namespace
}  // namespace futured
