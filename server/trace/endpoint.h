// Endpoint: where spans are sent to.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace futured::trace {

struct Endpoint {
  // A name or an address, without the brackets of IPv6.
  std::string host;
  std::string port;
  // "/v1/traces" behind whatever path was given.
  std::string target;

  // As an HTTP request names it.
  std::string authority() const;
};

// "http://127.0.0.1:4318", as OTEL_EXPORTER_OTLP_ENDPOINT has it. The failure says what is wrong.
tl::expected<Endpoint, std::string> parse_endpoint(std::string_view url);

}  // namespace futured::trace
