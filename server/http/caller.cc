#include "server/http/caller.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <charconv>
#include <chrono>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include "server/http/error_json.h"

namespace futured::http {
namespace {

using Duration = std::chrono::nanoseconds;

// As long as calls wait at most, and a little for the answer.
constexpr Duration kLongest = std::chrono::minutes(61);
constexpr const char* kListExecutors = "/futured.v1.ExecutorService/List";
// Passed on as they are.
constexpr std::string_view kPassed[] = {"authorization", "traceparent"};

// What else there is in a value of metadata ends the process.
bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

// Seconds, with or without a fraction.
std::optional<Duration> parse_timeout(std::string_view text) {
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds, std::chars_format::fixed);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (!std::isfinite(seconds) || seconds <= 0 || seconds > 3600) return std::nullopt;
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

}  // namespace

tl::expected<core::UnaryRequest, Response> Caller::forwarded(const Request& request, const Client& client,
                                                             const std::string& method, std::string bytes) const {
  core::UnaryRequest call{method, std::move(bytes), {{"futured-forwarded", proof_ + " " + client.peer()}}, kLongest};
  for (const std::string_view name : kPassed) {
    const auto value = request.header(name);
    if (!value) continue;
    if (!is_printable(*value)) {
      return tl::unexpected(error_response(400, std::string(name) + ": must be printable ASCII"));
    }
    call.metadata.emplace_back(name, *value);
  }
  if (const auto text = request.header("futured-timeout")) {
    const auto timeout = parse_timeout(*text);
    if (!timeout) {
      return tl::unexpected(error_response(400, "futured-timeout: must be seconds, above 0 and at most 3600"));
    }
    call.timeout = *timeout;
  }
  return call;
}

tl::expected<void, Response> Caller::call(const Request& request, const std::shared_ptr<Client>& client,
                                          const std::string& method, std::string bytes,
                                          std::function<void(core::UnaryAnswer)> done) const {
  auto call = forwarded(request, *client, method, std::move(bytes));
  if (!call) return tl::unexpected(std::move(call.error()));
  auto started = rpc_.start(*std::move(call), [thread = thread_, done = std::move(done)](core::UnaryAnswer answer) {
    boost::asio::post(thread, [done, answer = std::move(answer)]() mutable { done(std::move(answer)); });
  });
  client->when_gone([started = std::move(started)] { started->cancel(); });
  return {};
}

tl::expected<std::shared_ptr<core::StreamCall>, Response> Caller::stream(
    const Request& request, const Client& client, const std::string& method, std::string bytes,
    core::StreamCaller::Message message, std::function<void(core::UnaryAnswer)> done) const {
  auto call = forwarded(request, client, method, std::move(bytes));
  if (!call) return tl::unexpected(std::move(call.error()));
  return streams_.start_stream(
      *std::move(call),
      [thread = thread_, message = std::move(message)](std::string received) {
        boost::asio::post(thread,
                          [message, received = std::move(received)]() mutable { message(std::move(received)); });
      },
      [thread = thread_, done = std::move(done)](core::UnaryAnswer answer) {
        boost::asio::post(thread, [done, answer = std::move(answer)]() mutable { done(std::move(answer)); });
      });
}

void Caller::admit_reader(const Request& request, const std::shared_ptr<Client>& client,
                          std::function<void(const std::shared_ptr<Client>&)> then) const {
  auto asked = call(request, client, kListExecutors, "",
                    [weak = std::weak_ptr(client), then = std::move(then)](const core::UnaryAnswer& answer) {
                      const auto waiting = weak.lock();
                      if (waiting == nullptr) return;
                      if (answer.code != 0) return waiting->respond(error_response(answer));
                      then(waiting);
                    });
  if (!asked) client->respond(std::move(asked.error()));
}

}  // namespace futured::http
