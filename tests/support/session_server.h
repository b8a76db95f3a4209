// SessionServer: a gRPC server in this process that serves futures, with a thread executor behind it.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "futured/registry.h"
#include "server/core/future_table.h"
#include "server/exec/thread_executor.h"
#include "server/rpc/future_service.h"
#include "server/rpc/session_reactor.h"
#include "server/store/memory_store.h"
#include "tests/support/caller_gate.h"

namespace futured::testing {

// Serves on a free port of the loopback interface until it is destroyed.
class SessionServer {
 public:
  // `store`: not owned; nothing: futures are in memory alone.
  explicit SessionServer(const Registry& registry, core::Limits limits = {}, rpc::SessionSettings settings = {},
                         core::Store* store = nullptr)
      : table_({clock_, timekeeper_, store == nullptr ? memory_ : *store}, limits),
        executor_({"thread", 4, 100, std::uint64_t{4} << 20, nullptr}, registry),
        settings_(std::move(settings)),
        service_({table_, clock_, timekeeper_, ids_, gate_}, {}, [this](grpc::CallbackServerContext* context) {
          return rpc::SessionReactor::start({table_, clock_, timekeeper_, sessions_, settings_, gate_}, *context);
        }) {
    executor_.start(table_, clock_);
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.SetMaxReceiveMessageSize(8 << 20);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
  }
  ~SessionServer() {
    service_.end_waits({core::Reason::kDaemonStopping, "the test is over", {}});
    sessions_.end_all({core::Reason::kDaemonStopping, "the test is over", {}});
    server_->Shutdown();
    executor_.stop();
    timekeeper_.stop();
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  core::FutureTable& table() { return table_; }
  rpc::SessionRegistry& sessions() { return sessions_; }
  CallerGate& gate() { return gate_; }
  std::shared_ptr<grpc::Channel> channel() const {
    return grpc::CreateChannel(address(), grpc::InsecureChannelCredentials());
  }

 private:
  core::SystemClock clock_;
  core::ThreadTimekeeper timekeeper_;
  store::MemoryStore memory_;
  core::FutureTable table_;
  exec::ThreadExecutor executor_;
  rpc::SessionRegistry sessions_;
  rpc::SessionSettings settings_;
  CallerGate gate_;
  core::IdSource ids_{core::random_session_id()};
  rpc::FutureService service_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace futured::testing
