#include "server/trace/endpoint.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace futured::trace {
namespace {

constexpr std::string_view kScheme = "http://";
constexpr const char* kStandardPort = "4318";

tl::unexpected<std::string> wrong(std::string_view url, std::string_view what) {
  return tl::unexpected(std::string("\"").append(url).append("\" ").append(what));
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port != 0;
}

}  // namespace

std::string Endpoint::authority() const {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  std::string text = is_ipv6 ? std::string("[").append(host).append("]") : host;
  return text.append(":").append(port);
}

tl::expected<Endpoint, std::string> parse_endpoint(std::string_view url) {
  if (url.starts_with("https://")) {
    return wrong(url,
                 "needs TLS, which is not supported here: send to a collector on this machine, which passes it on");
  }
  const bool is_plain = std::ranges::all_of(url, [](char c) { return c > ' ' && c <= '~' && c != '?' && c != '#'; });
  if (!url.starts_with(kScheme) || !is_plain) return wrong(url, "is no URL such as \"http://127.0.0.1:4318\"");
  std::string_view rest = url.substr(kScheme.size());
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  std::string_view path = rest.substr(slash);
  while (path.ends_with('/')) path.remove_suffix(1);
  rest = rest.substr(0, slash);
  if (rest.find('@') != std::string_view::npos) return wrong("http://…", "has a user in it: secrets go into headers");

  Endpoint endpoint;
  const std::size_t bracket = rest.starts_with('[') ? rest.find(']') : std::string_view::npos;
  const std::size_t colon = rest.find(':', bracket == std::string_view::npos ? 0 : bracket);
  endpoint.host = rest.substr(0, colon);
  if (bracket != std::string_view::npos) endpoint.host = endpoint.host.substr(1, bracket - 1);
  endpoint.port = colon == std::string_view::npos ? kStandardPort : rest.substr(colon + 1);
  endpoint.target = std::string(path) + "/v1/traces";
  if (endpoint.host.empty()) return wrong(url, "names no host");
  if (!is_port(endpoint.port)) return wrong(url, "has no port from 1 to 65535");
  return endpoint;
}

}  // namespace futured::trace
