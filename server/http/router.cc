#include "server/http/router.h"

#include <boost/beast/core/string.hpp>
#include <string_view>

#include "server/http/error_json.h"

namespace futured::http {
namespace {

constexpr const char* kPageMethods = "GET, HEAD, OPTIONS";
constexpr const char* kCallMethods = "POST, OPTIONS";

bool is_json(const std::optional<std::string>& content_type) {
  if (!content_type) return false;
  std::string_view type = *content_type;
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
  return boost::beast::iequals({type.data(), type.size()}, "application/json");
}

Response not_allowed(const Request& request, const char* allowed) {
  Response response = error_response(405, request.method + " is not for " + request.path + "; use one of " + allowed);
  response.headers.emplace_back("Allow", allowed);
  return response;
}

Response options(const char* allowed) { return {204, "text/plain; charset=utf-8", "", {{"Allow", allowed}}}; }

}  // namespace

void Router::handle(Request request, std::shared_ptr<Client> client) {
  if (!request.host || !hosts_.allows(*request.host)) {
    const std::string named = request.host ? "\"" + *request.host + "\"" : "none";
    return client->respond(error_response(
        request.host ? 421 : 400, "Host: this daemon is not called " + named + "; the option http_hosts adds names"));
  }
  if (request.path.starts_with(kGuarded) && token_.refuses(request)) return client->respond(page_token_refusal());
  if (Handler* const page = page_of(request.path); page != nullptr) {
    if (request.method == "OPTIONS") return client->respond(options(kPageMethods));
    if (request.method != "GET" && request.method != "HEAD") return client->respond(not_allowed(request, kPageMethods));
    return page->handle(std::move(request), std::move(client));
  }
  Handler* const calls = calls_of(request.path);
  if (calls == nullptr) return client->respond(error_response(404, request.path + ": there is nothing of that name"));
  if (request.method == "OPTIONS") return client->respond(options(kCallMethods));
  if (request.method != "POST") return client->respond(not_allowed(request, kCallMethods));
  if (!is_json(request.content_type)) {
    return client->respond(error_response(415, "Content-Type: must be application/json"));
  }
  calls->handle(std::move(request), std::move(client));
}

Handler* Router::page_of(const std::string& path) const {
  const auto page = pages_.find(path);
  if (page != pages_.end()) return page->second;
  for (const Pattern& pattern : page_patterns_) {
    if (path.size() > pattern.prefix.size() + pattern.suffix.size() && path.starts_with(pattern.prefix) &&
        path.ends_with(pattern.suffix)) {
      return pattern.handler;
    }
  }
  return nullptr;
}

Handler* Router::calls_of(const std::string& path) const {
  for (const auto& [prefix, handler] : calls_) {
    if (path.starts_with(prefix)) return handler;
  }
  return nullptr;
}

}  // namespace futured::http
