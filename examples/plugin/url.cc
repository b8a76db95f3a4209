#include "examples/plugin/url.h"

#include <boost/url.hpp>
#include <boost/url/src.hpp>
#include <charconv>
#include <cstdint>
#include <stdexcept>
#include <utility>

namespace examples {
namespace {

namespace urls = boost::urls;

[[noreturn]] void fail(std::string_view url, const std::string& problem) {
  throw std::invalid_argument(std::string(url) + ": " + problem);
}

bool is_port(std::string_view digits) {
  std::uint16_t port = 0;
  return std::from_chars(digits.data(), digits.data() + digits.size(), port).ec == std::errc() && port != 0;
}

}  // namespace

HttpUrl parse_http_url(std::string_view text) {
  const auto url = urls::parse_uri(text);
  if (url.has_error()) fail(text, "not a URL such as http://localhost:8080/path");
  if (url->scheme_id() != urls::scheme::http) {
    fail(text, "the scheme is " + std::string(url->scheme()) + ", only http is supported");
  }
  if (url->host().empty()) fail(text, "it names no host");
  if (url->has_userinfo()) fail(text, "a user name in a URL is not supported");
  std::string port(url->port());
  if (port.empty()) port = "80";
  if (!is_port(port)) fail(text, "there is no port " + port);
  std::string target(url->encoded_target());
  if (!target.starts_with('/')) target.insert(0, "/");
  return {url->host_address(), std::move(port), std::string(url->encoded_host_and_port()), std::move(target)};
}

}  // namespace examples
