// Callers: every RPC finds out whose it is before all else, and tells of foreign futures what it tells of unknown ones.
#include "server/rpc/caller.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "tests/support/answer.h"
#include "tests/support/rpc_server.h"

namespace futured {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::kCallerKey;
using testing::kPatience;
using testing::RpcServer;

constexpr char kUnknown[] = "0b5f9a3e-71c2-8d40-9e5a-000000000001";
constexpr char kChosen[] = "11111111-1111-8111-8111-000000000001";

// All that a client hears of a call.
struct Heard {
  int code = 0;
  std::string message;
  std::multimap<std::string, std::string> trailer;
  std::vector<std::string> responses;

  bool operator==(const Heard&) const = default;
};
void PrintTo(const Heard& heard, std::ostream* out) {
  *out << heard.code << " " << heard.message;
  for (const auto& [key, value] : heard.trailer) *out << " | " << key << ": " << ::testing::PrintToString(value);
  for (const auto& response : heard.responses) *out << " | " << ::testing::PrintToString(response);
}

void replace_all(std::string& text, const std::string& what, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
    text.replace(at, what.size(), by);
  }
}

std::string bytes_of(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  EXPECT_TRUE(buffer.Dump(&slices).ok());
  std::string bytes;
  for (const auto& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

// Any call, of any shape, with one message; as bytes.
Heard raw_call(const std::shared_ptr<grpc::Channel>& channel, const std::string& method, const std::string& caller,
               const std::string& request) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  context.AddMetadata(kCallerKey, caller);
  grpc::CompletionQueue queue;
  const auto done = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  const auto call = stub.PrepareCall(&context, method, &queue);
  call->StartCall(nullptr);
  (void)done();
  // May fail, as the call may have ended already.
  const grpc::Slice slice(request);
  call->Write(grpc::ByteBuffer(&slice, 1), nullptr);
  (void)done();
  call->WritesDone(nullptr);
  (void)done();
  Heard heard;
  for (grpc::ByteBuffer response;; heard.responses.push_back(bytes_of(response))) {
    call->Read(&response, nullptr);
    if (!done()) break;
  }
  grpc::Status status;
  call->Finish(&status, nullptr);
  EXPECT_TRUE(done());
  heard.code = status.error_code();
  heard.message = status.error_message();
  for (const auto& [key, value] : context.GetServerTrailingMetadata()) {
    heard.trailer.emplace(std::string(key.data(), key.size()), std::string(value.data(), value.size()));
  }
  return heard;
}

class CallerTest : public ::testing::Test {
 protected:
  CallerTest() {
    server_.gate().know("ann", ann_);
    server_.gate().know("cid", cid_);
  }

  // Of Ann's.
  std::string submit_chosen(const std::string& id, const std::string& caller = "ann") {
    v1::SubmitRequest request;
    v1::Task& task = *request.add_tasks();
    task.set_id(id);
    task.set_function("task");
    return raw_call(server_.channel(), "/futured.v1.FutureService/Submit", caller, request.SerializeAsString()).message;
  }
  std::string submit_drawn() { return server_.submit(1, "ann").front(); }

  RpcServer server_;
  const core::AccountIndex ann_ = server_.table().add_account({"ann", "red", {.max_streams = 1}});
  const core::AccountIndex cid_ = server_.table().add_account({"cid", "blue", {}});
};

// --- The gate.

TEST_F(CallerTest, EveryMethodAsksTheGateBeforeItReadsTheRequest) {
  std::set<std::string> methods;
  for (const char* name : {"FutureService", "ExecutorService", "StoreService"}) {
    const auto* service =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(std::string("futured.v1.") + name);
    ASSERT_NE(service, nullptr) << name;
    for (int i = 0; i < service->method_count(); ++i) {
      methods.insert("/" + service->full_name() + "/" + service->method(i)->name());
    }
  }
  for (const std::string& method : methods) {
    const Heard heard = raw_call(server_.channel(), method, "a stranger", "\xff\xff no message");
    EXPECT_EQ(heard.code, grpc::StatusCode::UNAUTHENTICATED) << method;
    EXPECT_EQ(heard.message, "nobody knows this caller") << method;
  }
  EXPECT_EQ(server_.gate().refused(), methods);
  EXPECT_TRUE(server_.idle());
}

TEST_F(CallerTest, TaskThatTheGateForbidsIsRefusedWithItsWholeBatch) {
  server_.gate().forbid("another");
  v1::SubmitRequest request;
  request.add_tasks()->set_function("task");
  request.add_tasks()->set_function("another");
  const Heard heard =
      raw_call(server_.channel(), "/futured.v1.FutureService/Submit", "ann", request.SerializeAsString());
  EXPECT_EQ(heard.code, grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_THAT(heard.message, HasSubstr("\"another\" is forbidden"));
  EXPECT_EQ(server_.table().stats().submitted, 0U);
}

TEST_F(CallerTest, GateIsToldTheExecutorByItsNameAlsoIfItIsTheUsualOne) {
  v1::SubmitRequest request;
  request.add_tasks()->set_function("task");
  v1::Task& second = *request.add_tasks();
  second.set_function("task");
  second.mutable_options()->set_executor("second");
  raw_call(server_.channel(), "/futured.v1.FutureService/Submit", "ann", request.SerializeAsString());
  EXPECT_THAT(server_.gate().executors(), ElementsAre("manual", "second"));
}

// --- Whose a future is.

TEST_F(CallerTest, FutureBelongsToWhoSubmittedIt) {
  const std::string id = submit_drawn();
  v1::GetRequest request;
  request.add_ids(id);
  const auto seen_by = [&](const char* caller) {
    const Heard heard =
        raw_call(server_.channel(), "/futured.v1.FutureService/Get", caller, request.SerializeAsString());
    v1::GetResponse response;
    EXPECT_TRUE(response.ParseFromString(heard.responses.at(0)));
    return response.futures_size();
  };
  EXPECT_EQ(seen_by("ann"), 1);
  EXPECT_EQ(seen_by("cid"), 0);
}

TEST_F(CallerTest, SubmitIntoAForeignSessionIsRefusedWhetherTheIdIsTakenOrNot) {
  ASSERT_EQ(submit_chosen(kChosen), "");
  const std::string taken = submit_chosen(kChosen, "cid");
  std::string other = kChosen;
  other.back() = '2';
  EXPECT_EQ(submit_chosen(other, "cid"), taken);
  EXPECT_THAT(taken, HasSubstr("is not this caller's"));
}

TEST_F(CallerTest, SubmitWithAnIdThatWasDrawnForAnotherIsRefusedWhetherItIsTakenOrNot) {
  std::string id = submit_drawn();
  const std::string taken = submit_chosen(id, "cid");
  id[id.size() - 4] = 'f';
  EXPECT_EQ(submit_chosen(id, "cid"), taken);
  EXPECT_THAT(taken, HasSubstr("is not this caller's"));
}

// --- Streams.

TEST_F(CallerTest, StreamsOfOneAccountAreLimited) {
  const std::string id = submit_drawn();
  v1::AsCompletedRequest request;
  request.add_ids(id);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  context.AddMetadata(kCallerKey, "ann");
  const auto first = server_.stub().AsCompleted(&context, request);
  ASSERT_TRUE(server_.waiting(1));
  for (const char* method : {"/futured.v1.FutureService/AsCompleted", "/futured.v1.FutureService/Session",
                             "/futured.v1.StoreService/Backup"}) {
    const Heard refused = raw_call(server_.channel(), method, "ann",
                                   std::string(method).ends_with("Completed") ? request.SerializeAsString() : "");
    EXPECT_EQ(refused.code, grpc::StatusCode::RESOURCE_EXHAUSTED) << method;
    EXPECT_THAT(refused.message, HasSubstr("1 streams of identity \"ann\"")) << method;
    EXPECT_EQ(refused.trailer.count("retry-after-ms"), 1U) << method;
  }
  server_.succeed(id);
  v1::AsCompletedResponse response;
  while (first->Read(&response)) continue;
  EXPECT_TRUE(first->Finish().ok());
  EXPECT_TRUE(testing::eventually([&] { return server_.table().accounts()[ann_].streams == 0; }));
}

// --- Every RPC that takes an ID or a session.

struct IdCase {
  std::string name;
  std::string method;
  // From an ID and the text of its session.
  std::function<std::string(const std::string& id, const std::string& session)> request;
};
void PrintTo(const IdCase& each, std::ostream* out) { *out << each.name; }

template <class Request>
std::string with_id(const std::string& id) {
  return testing::with_ids<Request>({id}).SerializeAsString();
}

class ForeignIdTest : public CallerTest, public ::testing::WithParamInterface<IdCase> {
 protected:
  static std::string session_of(const std::string& id) { return id.substr(0, 24) + std::string(12, '0'); }
  // What Cid hears of an ID, with the ID left out.
  Heard heard_of(const std::string& id) {
    Heard heard = raw_call(server_.channel(), GetParam().method, "cid", GetParam().request(id, session_of(id)));
    const auto leave_out = [&](std::string& text) {
      replace_all(text, id, "<ID>");
      replace_all(text, session_of(id), "<SESSION>");
    };
    leave_out(heard.message);
    for (auto& [key, value] : heard.trailer) leave_out(value);
    for (auto& response : heard.responses) leave_out(response);
    return heard;
  }
};

TEST_P(ForeignIdTest, ForeignIdIsAnsweredAsAnUnknownOneByteForByte) {
  const Heard unknown = heard_of(kUnknown);
  ASSERT_EQ(submit_chosen(kChosen), "");
  EXPECT_EQ(heard_of(kChosen), unknown) << "chosen, running";
  const std::string running = submit_drawn();
  EXPECT_EQ(heard_of(running), unknown) << "drawn, running";
  const std::string finished = submit_drawn();
  server_.succeed(finished);
  EXPECT_EQ(heard_of(finished), unknown) << "drawn, finished";
  server_.succeed(kChosen);
  EXPECT_EQ(heard_of(kChosen), unknown) << "chosen, finished";
  const core::FutureId gone[] = {*core::parse_future_id(finished), *core::parse_future_id(kChosen)};
  server_.table().forget(ann_, gone);
  EXPECT_EQ(heard_of(finished), unknown) << "drawn, gone";
  EXPECT_EQ(heard_of(kChosen), unknown) << "chosen, gone";
  EXPECT_EQ(server_.table().accounts()[ann_].unfinished, 1U) << "and nothing has happened to any";
}

INSTANTIATE_TEST_SUITE_P(
    Calls, ForeignIdTest,
    ::testing::Values(IdCase{"Result", "/futured.v1.FutureService/Result",
                             [](const std::string& id, const std::string&) {
                               v1::ResultRequest request;
                               request.set_id(id);
                               return request.SerializeAsString();
                             }},
                      IdCase{"Wait", "/futured.v1.FutureService/Wait",
                             [](const std::string& id, const std::string&) {
                               auto request = testing::with_ids<v1::WaitRequest>({id});
                               request.set_return_when(v1::RETURN_WHEN_ALL_COMPLETED);
                               return request.SerializeAsString();
                             }},
                      IdCase{"AsCompleted", "/futured.v1.FutureService/AsCompleted",
                             [](const std::string& id, const std::string&) {
                               return with_id<v1::AsCompletedRequest>(id);
                             }},
                      IdCase{"Get", "/futured.v1.FutureService/Get",
                             [](const std::string& id, const std::string&) { return with_id<v1::GetRequest>(id); }},
                      IdCase{"Forget", "/futured.v1.FutureService/Forget",
                             [](const std::string& id, const std::string&) { return with_id<v1::ForgetRequest>(id); }},
                      IdCase{"Cancel", "/futured.v1.FutureService/Cancel",
                             [](const std::string& id, const std::string&) {
                               auto request = testing::with_ids<v1::CancelRequest>({id});
                               request.set_mode(v1::CANCEL_MODE_FORCE);
                               return request.SerializeAsString();
                             }},
                      IdCase{"CancelOfASession", "/futured.v1.FutureService/Cancel",
                             [](const std::string&, const std::string& session) {
                               v1::CancelRequest request;
                               request.set_session(session);
                               return request.SerializeAsString();
                             }},
                      IdCase{"ListOfASession", "/futured.v1.FutureService/List",
                             [](const std::string&, const std::string& session) {
                               v1::ListRequest request;
                               request.set_session(session);
                               return request.SerializeAsString();
                             }}),
    [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace futured
