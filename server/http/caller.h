// Caller: a client's calls of RPCs, under the client's own name.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "server/core/unary_caller.h"
#include "server/http/message.h"

namespace futured::http {

// On the http thread only.
class Caller {
 public:
  // `proof` tells the RPC side that what is said of the peer comes from here. `rpc` and `streams`
  // are not owned.
  Caller(core::UnaryCaller& rpc, core::StreamCaller& streams, boost::asio::any_io_executor thread, std::string proof)
      : rpc_(rpc), streams_(streams), thread_(std::move(thread)), proof_(std::move(proof)) {}

  // Calls `method` ("/futured.v1.FutureService/Get") with serialized `bytes`, for the one who sent `request` and within
  // the time that it allows; `done` on the http thread, not before returning, unless the client goes before: then the
  // call is cancelled. The failure is the answer to headers that cannot be passed on.
  tl::expected<void, Response> call(const Request& request, const std::shared_ptr<Client>& client,
                                    const std::string& method, std::string bytes,
                                    std::function<void(core::UnaryAnswer)> done) const;
  // The same for an answer of many messages: `message` gets the first, and each that is asked for of the result. Who
  // calls it cancels it when the client goes.
  tl::expected<std::shared_ptr<core::StreamCall>, Response> stream(const Request& request, const Client& client,
                                                                   const std::string& method, std::string bytes,
                                                                   core::StreamCaller::Message message,
                                                                   std::function<void(core::UnaryAnswer)> done) const;
  // Calls `then`, as call() does `done`, for a client that may list executors. Answers any other.
  void admit_reader(const Request& request, const std::shared_ptr<Client>& client,
                    std::function<void(const std::shared_ptr<Client>&)> then) const;

 private:
  // What is said to gRPC for a request; or the answer to headers that cannot be passed on.
  tl::expected<core::UnaryRequest, Response> forwarded(const Request& request, const Client& client,
                                                       const std::string& method, std::string bytes) const;

  core::UnaryCaller& rpc_;
  core::StreamCaller& streams_;
  const boost::asio::any_io_executor thread_;
  const std::string proof_;
};

}  // namespace futured::http
