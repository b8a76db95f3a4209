// Connection: calls to the daemon, whose failures end the program.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <string>

#include "client/cli/globals.h"
#include "client/cpp/src/connector.h"
#include "futured/v1/executor_service.grpc.pb.h"
#include "futured/v1/future_service.grpc.pb.h"
#include "futured/v1/store_service.grpc.pb.h"

namespace futured::cli {

// Throws Failure for credentials that cannot be used. Starts no thread, unlike a connection.
void check_credentials(const Globals& globals);

class Connection {
 public:
  enum class Kind {
    kShort,       // The daemon answers at once.
    kBeforeWait,  // So it does, but it is the wait after this call that --timeout limits.
    kWaiting,     // It answers when something has happened, or the time is up.
  };

  // Does not connect yet. The time given begins. Throws Failure for credentials that cannot be used.
  explicit Connection(const Globals& globals);

  v1::FutureService::Stub& futures() { return *futures_; }
  v1::ExecutorService::Stub& executors() { return *executors_; }
  v1::StoreService::Stub& store() { return *store_; }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

  // Makes a unary call: call(futures(), &v1::FutureService::Stub::Get, request). Throws Failure unless it is OK.
  template <class Stub, class Request, class Response>
  Response call(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                const Request& request, Kind kind = Kind::kShort) {
    grpc::ClientContext context;
    prepare(context, kind);
    Response response;
    check((stub.*method)(&context, request, &response));
    return response;
  }

  // Gives a call its deadline, and the credentials that it shows. Every call needs it. Throws as the constructor.
  void prepare(grpc::ClientContext& context, Kind kind) const;
  // Throws Failure unless it is OK.
  void check(const grpc::Status& status) const;
  // What is left of --timeout; nothing if there is none.
  std::optional<std::chrono::nanoseconds> remaining() const;

 private:
  void set_deadline(grpc::ClientContext& context, Kind kind) const;

  const detail::Connector connector_;
  const std::optional<std::chrono::steady_clock::time_point> end_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::FutureService::Stub> futures_;
  const std::unique_ptr<v1::ExecutorService::Stub> executors_;
  const std::unique_ptr<v1::StoreService::Stub> store_;
};

}  // namespace futured::cli
