// RpcServer: the gRPC services in this process, with tasks that finish, and a clock that moves, when the test says so.
#pragma once

#include <grpc/grpc.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "futured/v1/daemon_service.grpc.pb.h"
#include "futured/v1/executor_service.grpc.pb.h"
#include "futured/v1/future_service.grpc.pb.h"
#include "server/core/future_table.h"
#include "server/rpc/daemon_service.h"
#include "server/rpc/executor_service.h"
#include "server/rpc/future_service.h"
#include "server/rpc/session_reactor.h"
#include "server/rpc/store_service.h"
#include "server/store/memory_store.h"
#include "tests/support/caller_gate.h"
#include "tests/support/eventually.h"
#include "tests/support/manual_executor.h"
#include "tests/support/manual_time.h"

namespace futured::testing {

// Serves on a free port of the loopback interface until it is destroyed.
class RpcServer {
 public:
  explicit RpcServer(core::Limits limits = {}, rpc::RequestLimits request_limits = {}, int max_message_size = 64 << 20)
      : table_({time_, time_, store_}, limits),
        executor_(table_, time_),
        second_executor_(table_, time_, "second"),
        service_(
            {table_, time_, time_, ids_, gate_}, request_limits,
            [this](grpc::CallbackServerContext* context) {
              return rpc::SessionReactor::start({table_, time_, time_, sessions_, session_settings_, gate_}, *context);
            }),
        executor_service_(table_, time_, gate_),
        daemon_service_({table_, gate_, false, "1.2.3", "epoch", [this](core::Draining how) { table_.drain_all(how); },
                         [this] { return table_.resume_all(); }, [this] { ++exits_asked_; }}),
        store_service_({store_, table_, gate_}, [] { return std::string(); }) {
    // Never undone, as the end of the library sometimes waits 10 s for a poller of its own.
    grpc_init();
    table_.open_drawn_session(ids_.session());
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.SetMaxReceiveMessageSize(max_message_size);
    builder.RegisterService(&service_);
    builder.RegisterService(&executor_service_);
    builder.RegisterService(&daemon_service_);
    builder.RegisterService(&store_service_);
    server_ = builder.BuildAndStart();
    stub_ = v1::FutureService::NewStub(channel());
  }
  ~RpcServer() {
    service_.end_waits({core::Reason::kDaemonStopping, "the test is over", {}});
    sessions_.end_all({core::Reason::kDaemonStopping, "the test is over", {}});
    store_service_.end_backups({core::Reason::kDaemonStopping, "the test is over", {}});
    server_->Shutdown();
    store_service_.stop();
  }

  ManualTime& time() { return time_; }
  core::FutureTable& table() { return table_; }
  CallerGate& gate() { return gate_; }
  ManualExecutor& executor() { return executor_; }
  rpc::FutureService& service() { return service_; }
  // How often a call has asked for the end of the daemon.
  int exits_asked() const { return exits_asked_; }
  v1::FutureService::Stub& stub() { return *stub_; }
  // Each a connection of its own.
  std::shared_ptr<grpc::Channel> channel() const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetMaxReceiveMessageSize(64 << 20);
    return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port_), grpc::InsecureChannelCredentials(),
                                     arguments);
  }

  // Submits tasks by RPC, which begin at once; returns their IDs. `caller`: as the gate knows him; empty: the daemon.
  std::vector<std::string> submit(std::size_t count, const std::string& caller = "") {
    v1::SubmitRequest request;
    for (std::size_t i = 0; i < count; ++i) request.add_tasks()->set_function("task");
    v1::SubmitResponse response;
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    if (!caller.empty()) context.AddMetadata(kCallerKey, caller);
    const auto status = stub_->Submit(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    std::vector<std::string> ids;
    for (const auto& future : response.futures()) ids.push_back(future.id());
    return ids;
  }
  // Has a task log, once it has begun.
  void log(const std::string& id, const std::string& text, std::uint64_t dropped = 0) {
    const core::NewLogLine line{core::LineKind::kInfo, core::Bytes(text)};
    EXPECT_TRUE(eventually([&] { return executor_.log(*core::parse_future_id(id), {&line, 1}, dropped); })) << id;
  }
  // Finishes a task, once it has begun.
  void finish(const std::string& id, core::Outcome outcome) {
    const auto parsed = *core::parse_future_id(id);
    ASSERT_TRUE(eventually([&] { return executor_.is_running(parsed); })) << id;
    EXPECT_TRUE(executor_.finish(parsed, std::move(outcome))) << id;
  }
  // With a value that says `number`.
  void succeed(const std::string& id, std::int64_t number = 0) {
    v1::Value value;
    value.set_int_value(number);
    finish(id, core::Outcome::succeeded(core::Bytes(value.SerializeAsString())));
  }
  void fail(const std::string& id, const std::string& message = "no") {
    finish(id, core::Outcome::failed({core::Origin::kTask, "std::runtime_error", message, "", nullptr, 1, "manual"}));
  }

  // Waits until so many calls wait.
  bool waiting(std::size_t calls) {
    return eventually([&] { return table_.stats().subscribers == calls; });
  }
  // Waits until no call is left, and nothing of one.
  bool idle() {
    return eventually([&] {
      const auto stats = table_.stats();
      return service_.live_reactors() == 0 && stats.subscribers == 0 && stats.watches == 0 && stats.owed == 0;
    });
  }

 private:
  ManualTime time_;
  store::MemoryStore store_;
  core::FutureTable table_;
  ManualExecutor executor_;
  ManualExecutor second_executor_;
  CallerGate gate_;
  core::IdSource ids_{core::random_session_id()};
  rpc::SessionRegistry sessions_;
  rpc::SessionSettings session_settings_;
  rpc::FutureService service_;
  rpc::ExecutorService executor_service_;
  std::atomic<int> exits_asked_{0};
  rpc::DaemonService daemon_service_;
  rpc::StoreService store_service_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::FutureService::Stub> stub_;
};

using Async = v1::FutureService::StubInterface::async_interface;

// A unary call under way. Must be waited for.
template <class Response>
class PendingCall {
 public:
  template <class Request>
  using Method = void (Async::*)(grpc::ClientContext*, const Request*, Response*, std::function<void(grpc::Status)>);

  template <class Request>
  PendingCall(v1::FutureService::StubInterface& stub, Method<Request> method, const Request& request,
              std::chrono::system_clock::duration deadline)
      : ended_(status_.get_future()) {
    const auto kept = std::make_shared<const Request>(request);
    context_.set_deadline(std::chrono::system_clock::now() + deadline);
    (stub.async()->*method)(&context_, kept.get(), &response_,
                            [this, kept](grpc::Status status) { status_.set_value(std::move(status)); });
  }

  // The status of the call. Once.
  grpc::Status wait() { return ended_.get(); }
  bool ended() const { return ended_.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }
  void cancel() { context_.TryCancel(); }
  // Once it has ended.
  const Response& response() const { return response_; }
  const grpc::ClientContext& context() const { return context_; }

 private:
  grpc::ClientContext context_;
  Response response_;
  std::promise<grpc::Status> status_;
  std::future<grpc::Status> ended_;
};

// Starts a call: start_call(stub, &Async::Result, request).
template <class Request, class Response>
std::unique_ptr<PendingCall<Response>> start_call(v1::FutureService::StubInterface& stub,
                                                  void (Async::*method)(grpc::ClientContext*, const Request*, Response*,
                                                                        std::function<void(grpc::Status)>),
                                                  const Request& request,
                                                  std::chrono::system_clock::duration deadline = kPatience) {
  return std::unique_ptr<PendingCall<Response>>(new PendingCall<Response>(stub, method, request, deadline));
}

}  // namespace futured::testing
