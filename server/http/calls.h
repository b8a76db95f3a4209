// Calls: the daemon's unary RPCs as `POST /v1/FutureService/Submit`, with requests and responses in JSON.
#pragma once

#include <google/protobuf/descriptor.h>

#include <boost/asio/any_io_executor.hpp>
#include <map>
#include <memory>
#include <string>

#include "server/http/caller.h"
#include "server/http/message.h"

namespace futured::http {

// On the http thread only. Texts are converted on another, as long ones take their time.
class Calls final : public Handler {
 public:
  static constexpr const char* kPrefix = "/v1/";

  // `caller` is not owned. `work`: the thread for conversions.
  Calls(const Caller& caller, boost::asio::any_io_executor thread, boost::asio::any_io_executor work);

  void handle(Request request, std::shared_ptr<Client> client) override;

 private:
  using Method = google::protobuf::MethodDescriptor;

  void parsed(const Method& method, const Request& request, const std::shared_ptr<Client>& client, std::string bytes);
  void answer(const Method& method, const std::shared_ptr<Client>& client, core::UnaryAnswer answer);

  const Caller& caller_;
  const boost::asio::any_io_executor thread_;
  const boost::asio::any_io_executor work_;
  // By path.
  std::map<std::string, const Method*> methods_;
};

}  // namespace futured::http
