#include "server/http/calls.h"

#include <boost/asio/post.hpp>
#include <string_view>
#include <utility>

#include "futured/v1/daemon_service.pb.h"
#include "futured/v1/executor_service.pb.h"
#include "futured/v1/future_service.pb.h"
#include "futured/v1/store_service.pb.h"
#include "server/http/error_json.h"
#include "server/http/json_codec.h"

namespace futured::http {
namespace asio = boost::asio;
namespace {

// Of a message that JSON has no words for.
constexpr unsigned kNotImplemented = 501;

// All services of the protocol; streams among their methods are answered with what to use instead.
const google::protobuf::FileDescriptor* const* service_files() {
  static const google::protobuf::FileDescriptor* const files[] = {
      v1::SubmitRequest::descriptor()->file(), v1::ExecutorServiceListRequest::descriptor()->file(),
      v1::DaemonServiceGetRequest::descriptor()->file(), v1::BackupRequest::descriptor()->file(), nullptr};
  return files;
}

}  // namespace

Calls::Calls(const Caller& caller, asio::any_io_executor thread, asio::any_io_executor work)
    : caller_(caller), thread_(std::move(thread)), work_(std::move(work)) {
  for (const auto* const* file = service_files(); *file != nullptr; ++file) {
    for (int i = 0; i < (*file)->service_count(); ++i) {
      const auto* const service = (*file)->service(i);
      for (int j = 0; j < service->method_count(); ++j) {
        methods_[kPrefix + service->name() + "/" + service->method(j)->name()] = service->method(j);
      }
    }
  }
}

void Calls::handle(Request request, std::shared_ptr<Client> client) {
  const auto found = methods_.find(request.path);
  if (found == methods_.end()) {
    return client->respond(error_response(404, request.path + ": there is no such call; it is /v1/SERVICE/METHOD"));
  }
  const Method& method = *found->second;
  if (method.client_streaming() || method.server_streaming()) {
    return client->respond(
        error_response(kNotImplemented, method.full_name() + " is a stream, which only gRPC has; see /v1/events"));
  }
  asio::post(work_, [this, &method, request = std::move(request), client = std::move(client)]() mutable {
    auto bytes = from_json(*method.input_type(), std::exchange(request.body, {}));
    asio::post(thread_, [this, &method, request = std::move(request), client = std::move(client),
                         bytes = std::move(bytes)]() mutable {
      if (!bytes) return client->respond(error_response(400, bytes.error()));
      parsed(method, request, client, *std::move(bytes));
    });
  });
}

void Calls::parsed(const Method& method, const Request& request, const std::shared_ptr<Client>& client,
                   std::string bytes) {
  const std::string path = "/" + method.service()->full_name() + "/" + method.name();
  auto started = caller_.call(request, client, path, std::move(bytes),
                              [this, &method, weak = std::weak_ptr(client)](core::UnaryAnswer answered) {
                                if (const auto waiting = weak.lock()) answer(method, waiting, std::move(answered));
                              });
  if (!started) client->respond(std::move(started.error()));
}

void Calls::answer(const Method& method, const std::shared_ptr<Client>& client, core::UnaryAnswer answer) {
  if (answer.code != 0) return client->respond(error_response(answer));
  asio::post(work_, [this, &method, client, bytes = std::move(answer.bytes)] {
    auto text = to_json(*method.output_type(), bytes);
    Response response = text ? Response{200, "application/json", *std::move(text) + "\n"}
                             : error_response(kNotImplemented, text.error());
    asio::post(thread_, [client, response = std::move(response)]() mutable { client->respond(std::move(response)); });
  });
}

}  // namespace futured::http
