// HttpUrl: the parts of a URL that a request needs.
#pragma once

#include <string>
#include <string_view>

namespace examples {

struct HttpUrl {
  std::string host;       // To look up: without the brackets of an IPv6 address.
  std::string port;       // A number.
  std::string authority;  // For the Host header: "localhost:8080".
  std::string target;     // "/path?query"
};

// Throws std::invalid_argument, which names the URL and what is wrong with it.
HttpUrl parse_http_url(std::string_view text);

}  // namespace examples
