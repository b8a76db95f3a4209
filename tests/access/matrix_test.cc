// Every method of every service, with every kind of credentials, against the real daemon.
#include "tests/access/matrix.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "futured/v1/future_service.pb.h"
#include "tests/access/realm.h"
#include "tests/support/daemon_process.h"
#include "tests/support/raw_call.h"

namespace futured {
namespace {

using testing::Abroad;
using testing::bearer;
using testing::DaemonProcess;
using testing::matrix;
using testing::MatrixRow;
using testing::Metadata;
using testing::raw_call;
using testing::RawReply;
using testing::Realm;

const std::vector<std::string> kVerbs = {"submit", "read", "cancel", "admin"};
constexpr const char* kUnknownId = "3f0c9a51-77d2-8c1e-9d3a-000000000001";

// The message of a status, with the ID taken out.
std::string said_of(const RawReply& reply, const std::string& id) {
  std::string text = reply.status.error_message();
  const std::size_t place = text.find(id);
  return place == std::string::npos ? text : text.replace(place, id.size(), "ID");
}

// "/futured.v1.FutureService/Get" and so on, as the sources of the protocol have them.
std::set<std::string> all_methods() {
  google::protobuf::FileDescriptorSet sources;
  std::ifstream file(PROTOCOL_DESCRIPTORS, std::ios::binary);
  EXPECT_TRUE(sources.ParseFromIstream(&file)) << PROTOCOL_DESCRIPTORS;
  std::set<std::string> methods;
  for (const auto& source : sources.file()) {
    for (const auto& service : source.service()) {
      for (const auto& method : service.method()) {
        methods.insert("/" + source.package() + "." + service.name() + "/" + method.name());
      }
    }
  }
  return methods;
}

// One that may do all but what the row needs.
std::string without(const MatrixRow& row) {
  std::string name = "without";
  for (const std::string& verb : row.verbs) name.append("-").append(verb);
  return name;
}

class MatrixTest : public ::testing::Test {
 protected:
  // Identities, before the daemon starts.
  std::string prepare() {
    realm_.add_with_verbs("web", "shop", kVerbs);
    realm_.add_with_verbs("stranger", "elsewhere", kVerbs);
    std::set<std::string> made;
    for (const MatrixRow& row : matrix()) {
      std::vector<std::string> rest;
      std::ranges::copy_if(kVerbs, std::back_inserter(rest),
                           [&](const auto& verb) { return std::ranges::count(row.verbs, verb) == 0; });
      if (made.insert(without(row)).second) realm_.add_with_verbs(without(row), "shop", rest);
    }
    return realm_.issue("web");
  }
  std::vector<std::string> flags() {
    std::vector<std::string> all = realm_.flags();
    all.push_back("--data-dir=" + realm_.file("data"));
    all.emplace_back("--executor=thread.max_workers=2");
    all.emplace_back("--executor=cpu.kind=process");
    return all;
  }

  std::shared_ptr<grpc::Channel> channel() {
    if (channel_ == nullptr) {
      channel_ = grpc::CreateChannel(daemon_.address(), grpc::InsecureChannelCredentials());
    }
    return channel_;
  }
  RawReply call(const MatrixRow& row, const Metadata& metadata, const std::string& id = kUnknownId) {
    return raw_call(channel(), row.method, row.request(id), metadata);
  }
  // A future of the right identity that has failed, as nothing has such a function.
  std::string finished_future(const std::string& token) {
    v1::SubmitRequest request;
    request.add_tasks()->set_function("gate.none");
    request.mutable_wait()->set_seconds(30);
    const RawReply reply =
        raw_call(channel(), "/futured.v1.FutureService/Submit", request.SerializeAsString(), bearer(token));
    EXPECT_TRUE(reply.status.ok()) << reply.status.error_message();
    v1::SubmitResponse response;
    if (reply.messages.empty() || !response.ParseFromString(reply.messages.front())) return "";
    return response.futures(0).id();
  }
  // All methods, with these credentials: none is let in, and none says anything.
  void expect_refused(const Metadata& metadata, grpc::StatusCode code, const std::string& words) {
    for (const MatrixRow& row : matrix()) {
      const RawReply reply = call(row, metadata);
      EXPECT_EQ(reply.status.error_code(), code) << row.method << ": " << reply.status.error_message();
      EXPECT_THAT(reply.status.error_message(), ::testing::HasSubstr(words)) << row.method;
      EXPECT_TRUE(reply.messages.empty()) << row.method;
    }
  }

  Realm realm_;
  const std::string web_ = prepare();
  DaemonProcess daemon_{flags()};
  std::shared_ptr<grpc::Channel> channel_;
};

TEST(MatrixRowsTest, EveryMethodOfTheProtocolHasItsRow) {
  std::set<std::string> rows;
  for (const MatrixRow& row : matrix()) rows.insert(row.method);
  EXPECT_EQ(rows.size(), matrix().size()) << "a row twice";
  EXPECT_EQ(rows, all_methods());
}

TEST_F(MatrixTest, WithoutCredentialsNothingIsAnswered) {
  expect_refused({}, grpc::StatusCode::UNAUTHENTICATED, "no credentials");
}

TEST_F(MatrixTest, BadCredentialsAreRefused) {
  expect_refused(bearer(security::make_token()), grpc::StatusCode::UNAUTHENTICATED, "not known");
  expect_refused(bearer("secret"), grpc::StatusCode::UNAUTHENTICATED, "\"Bearer TOKEN\"");
  expect_refused({{"authorization", "Basic d2ViOndlYg=="}}, grpc::StatusCode::UNAUTHENTICATED, "\"Bearer TOKEN\"");
  Metadata two = bearer(web_);
  two.emplace("authorization", "Bearer " + web_);
  expect_refused(two, grpc::StatusCode::UNAUTHENTICATED, "authorization");
}

TEST_F(MatrixTest, MetadataOfForwardedCallsIsNobodysCredential) {
  expect_refused({{"futured-forwarded", "nonce unix:uid=0"}}, grpc::StatusCode::UNAUTHENTICATED, "no credentials");
}

TEST_F(MatrixTest, RightCredentialsAreEnough) {
  std::vector<std::string> ids;
  // Before an executor is paused.
  for (std::size_t i = 0; i < matrix().size(); ++i) ids.push_back(finished_future(web_));
  for (const MatrixRow& row : matrix()) {
    const RawReply reply = call(row, bearer(web_), ids.back());
    ids.pop_back();
    EXPECT_TRUE(reply.status.ok()) << row.method << ": " << reply.status.error_message();
    EXPECT_FALSE(reply.messages.empty()) << row.method;
  }
}

// With tokens that are made while it serves.
class TokenMatrixTest : public MatrixTest {
 protected:
  void reload() {
    EXPECT_NE(daemon_.address(), "");
    daemon_.send(SIGHUP);
    EXPECT_TRUE(daemon_.wrote("what=identities"));
  }
};

TEST_F(TokenMatrixTest, ExpiredTokensAreRefused) {
  const std::string expired = realm_.issue("web", testing::seconds_from_now(-1));
  reload();
  expect_refused(bearer(expired), grpc::StatusCode::UNAUTHENTICATED, "expired");
}

TEST_F(TokenMatrixTest, AnotherVerbIsNotEnough) {
  std::map<std::string, std::string> tokens;
  for (const MatrixRow& row : matrix()) {
    std::string& token = tokens[without(row)];
    if (token.empty()) token = realm_.issue(without(row));
  }
  reload();
  const std::string id = finished_future(web_);
  for (const MatrixRow& row : matrix()) {
    const RawReply reply = call(row, bearer(tokens[without(row)]), id);
    EXPECT_EQ(reply.status.error_code(), grpc::StatusCode::PERMISSION_DENIED) << row.method;
    EXPECT_TRUE(reply.messages.empty()) << row.method;
  }
}

TEST_F(TokenMatrixTest, FuturesOfAnotherNamespaceAreAsIfTheyWereNot) {
  const std::string stranger = realm_.issue("stranger");
  reload();
  const std::string id = finished_future(web_);
  for (const MatrixRow& row : matrix()) {
    if (row.abroad == Abroad::kShared) continue;
    const RawReply foreign = call(row, bearer(stranger), id);
    const RawReply unknown = call(row, bearer(stranger), kUnknownId);
    EXPECT_EQ(foreign.status.error_code(), unknown.status.error_code()) << row.method;
    EXPECT_EQ(foreign.messages, unknown.messages) << row.method;
    EXPECT_EQ(said_of(foreign, id), said_of(unknown, kUnknownId)) << row.method;
    EXPECT_EQ(foreign.status.error_code(),
              row.abroad == Abroad::kNotFound ? grpc::StatusCode::NOT_FOUND : grpc::StatusCode::OK)
        << row.method;
    for (const std::string& message : foreign.messages) EXPECT_EQ(message.find(id), std::string::npos) << row.method;
  }
  const RawReply still = call(matrix()[2], bearer(web_), id);
  EXPECT_TRUE(still.status.ok()) << "it was forgotten or cancelled from abroad: " << still.status.error_message();
}

}  // namespace
}  // namespace futured
