// ListenAddress: where the daemon is to be reached.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "server/core/status.h"

namespace futured::rpc {

struct ListenAddress {
  // A numeric IPv4 or IPv6 address, without brackets.
  std::string host;
  // 0: any free one.
  std::uint16_t port = 0;

  bool is_ipv6() const { return host.find(':') != std::string::npos; }
  // Only programs on this machine reach it.
  bool is_loopback() const;
  // "127.0.0.1:7070", "[::1]:7070".
  std::string to_string() const;
};

// Reads "127.0.0.1:7070", "[::1]:7070" or "localhost:7070" (which is 127.0.0.1). Never asks a name server.
// kInvalidArgument says what is wrong.
core::Result<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace futured::rpc
