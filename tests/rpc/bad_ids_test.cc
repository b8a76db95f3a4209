// What each RPC with a list of IDs says to lists and IDs that it cannot take.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "tests/support/answer.h"
#include "tests/support/rpc_server.h"

namespace futured {
namespace {

using core::Reason;
using testing::Answer;
using testing::as_completed;
using testing::Async;
using testing::call;
using testing::expect;
using ::testing::HasSubstr;
using testing::Ids;
using ::testing::Not;
using testing::RpcServer;
using testing::wait;
using testing::with_ids;

constexpr char kUnknown[] = "0b5f9a3e-71c2-8d40-9e5a-000000000001";

// --- Every RPC that takes a list of IDs.

struct ListCase {
  std::string name;
  std::function<Answer(RpcServer&, const Ids&)> call;
  bool refuses_unknown;
};
void PrintTo(const ListCase& each, std::ostream* out) { *out << each.name; }

class IdListTest : public ::testing::TestWithParam<ListCase> {
 protected:
  Answer call_with(const Ids& ids) { return GetParam().call(server_, ids); }
  RpcServer server_{{}, {.max_ids_per_call = 10}};
};

TEST_P(IdListTest, AnEmptyListIsRefused) { expect(call_with({}), Reason::kFieldInvalid, "ids"); }

TEST_P(IdListTest, AnOverlongListIsRefused) {
  const auto answer = call_with(Ids(11, kUnknown));
  expect(answer, Reason::kTooManyItems, "ids: 11 IDs, the limit is 10");
  EXPECT_EQ(answer.retry_after_ms, "") << "it can never succeed";
}

TEST_P(IdListTest, AMalformedIdIsNamed) {
  const auto answer = call_with({kUnknown, "no\nuuid"});
  expect(answer, Reason::kFieldInvalid, "ids[1]: \"no\\x0auuid\"");
  EXPECT_THAT(answer.message, HasSubstr("such as"));
}

TEST_P(IdListTest, AnEndlessIdIsShownInPart) {
  const auto answer = call_with({std::string(100'000, 'x')});
  EXPECT_EQ(answer.reason, "FIELD_INVALID");
  EXPECT_LT(answer.message.size(), 300u);
}

TEST_P(IdListTest, AUuidOfAnotherVersionIsMalformed) {
  expect(call_with({"0b5f9a3e-71c2-4d40-9e5a-000000000001"}), Reason::kFieldInvalid, "ids[0]");
}

TEST_P(IdListTest, AnUnknownIdIsToldFromAnExpiredOne) {
  const auto expired = server_.submit(1).front();
  server_.succeed(expired);
  const auto id = *core::parse_future_id(expired);
  server_.table().forget(core::kDaemonAccount, {&id, 1});
  const auto known = server_.submit(1).front();
  server_.succeed(known);
  if (!GetParam().refuses_unknown) {
    EXPECT_EQ(call_with({known, kUnknown, expired}).code, grpc::StatusCode::OK);
    return;
  }
  const auto unknown = call_with({known, kUnknown, expired});
  expect(unknown, Reason::kFutureUnknown, kUnknown);
  EXPECT_THAT(unknown.message, Not(HasSubstr("expired")));
  const auto gone = call_with({known, expired, kUnknown});
  expect(gone, Reason::kFutureExpired, expired + " has expired");
  EXPECT_EQ(gone.resource, "future " + expired);
  EXPECT_TRUE(server_.idle());
}

INSTANTIATE_TEST_SUITE_P(
    AllMethods, IdListTest,
    ::testing::Values(ListCase{"Wait", wait, true},
                      ListCase{"AsCompleted",
                               [](RpcServer& server, const Ids& ids) {
                                 return as_completed(server, with_ids<v1::AsCompletedRequest>(ids));
                               },
                               true},
                      ListCase{"Cancel",
                               [](RpcServer& server, const Ids& ids) {
                                 return call(server, &Async::Cancel, with_ids<v1::CancelRequest>(ids));
                               },
                               false},
                      ListCase{"Get",
                               [](RpcServer& server, const Ids& ids) {
                                 return call(server, &Async::Get, with_ids<v1::GetRequest>(ids));
                               },
                               false},
                      ListCase{"Forget",
                               [](RpcServer& server, const Ids& ids) {
                                 return call(server, &Async::Forget, with_ids<v1::ForgetRequest>(ids));
                               },
                               false}),
    [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace futured
