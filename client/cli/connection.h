// Connection: calls to the daemon, whose failures end the program.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "client/cli/duration.h"
#include "client/cli/failure.h"
#include "client/cli/globals.h"
#include "client/cpp/src/connector.h"
#include "client/cpp/src/retry.h"
#include "futured/v1/executor_service.grpc.pb.h"
#include "futured/v1/future_service.grpc.pb.h"

namespace futured::cli {

// Throws Failure for credentials that cannot be used. Starts no thread, unlike a connection.
void check_credentials(const Globals& globals);

// A daemon that is out of reach, or says that it makes room for another one, is looked for again, each time on a new
// connection: as long as --retry says, or else for 10 s if it was never heard of, and for a minute if it was; never
// beyond --timeout. So a restart of the daemon is a delay. On a terminal standard error tells of it.
class Connection {
 public:
  enum class Kind {
    kShort,       // The daemon answers at once.
    kBeforeWait,  // So it does, but it is the wait after this call that --timeout limits.
    kWaiting,     // It answers when something has happened, or the time is up.
  };

  // Does not connect yet. The time given begins. Throws Failure for credentials that cannot be used.
  explicit Connection(const Globals& globals);

  // Makes a unary call: call(&v1::FutureService::Stub::Get, request). It may be made again, so it must be one that may
  // be repeated. A waiting one waits for the end of --timeout at most. Throws Failure unless it is OK.
  template <class Stub, class Request, class Response>
  Response call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*), Request request,
                Kind kind = Kind::kShort) {
    Response response;
    repeat([&] {
      if constexpr (requires { request.mutable_timeout(); }) {
        if (const auto left = remaining()) *request.mutable_timeout() = to_proto(*left);
      }
      return attempt(method, request, response, kind);
    });
    return response;
  }
  // Makes it once, and says how it ended. Throws as prepare().
  template <class Stub, class Request, class Response>
  grpc::Status attempt(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                       const Request& request, Response& response, Kind kind = Kind::kShort) {
    grpc::ClientContext context;
    prepare(context, kind);
    Stub stub(channel_);
    return (stub.*method)(&context, request, &response);
  }
  // Calls `make` until it says OK, as long as it is of use. Throws Failure, and what `make` throws.
  void repeat(const std::function<grpc::Status()>& make);
  // Has it wait by this, instead of sleeping, before a call is made again. False: not to make it.
  void pause_by(std::function<bool(std::chrono::nanoseconds)> pause) { pause_ = std::move(pause); }
  // The daemon has answered within a stream.
  void heard() { retry_.heard(); }
  // Until the next call that is repeated.
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

  // Gives a call its deadline, and the credentials that it shows. Every call needs it. Throws as the constructor.
  void prepare(grpc::ClientContext& context, Kind kind) const;
  // Throws Failure unless it is OK.
  void check(const grpc::Status& status) const;
  // What is left of --timeout; nothing if there is none.
  std::optional<std::chrono::nanoseconds> remaining() const;

 private:
  void set_deadline(grpc::ClientContext& context, Kind kind) const;

  // Whether to make a call again that ended so; waits until then.
  bool wait_after(const grpc::Status& status);
  Failure failure(const grpc::Status& status) const;

  const detail::Connector connector_;
  const std::optional<std::chrono::steady_clock::time_point> end_;
  std::shared_ptr<grpc::Channel> channel_;
  detail::Retry retry_;
  bool told_ = false;
  std::function<bool(std::chrono::nanoseconds)> pause_;
};

}  // namespace futured::cli
