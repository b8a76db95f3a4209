// ListenAddress: where the daemon is to be reached.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "server/core/status.h"

namespace futured::rpc {

struct ListenAddress {
  enum class Kind { kTcp, kTls, kUnix };

  // A numeric IPv4 or IPv6 address, without brackets; of kUnix the absolute path of the socket.
  std::string host;
  // 0: any free one. Nothing of kUnix.
  std::uint16_t port = 0;
  Kind kind = Kind::kTcp;

  bool is_unix() const { return kind == Kind::kUnix; }
  bool is_ipv6() const { return !is_unix() && host.find(':') != std::string::npos; }
  // Only programs on this machine reach it.
  bool is_loopback() const;
  // "127.0.0.1:7070", "[::1]:7070", "tls://127.0.0.1:7070", "unix:/run/futured/futured.sock".
  std::string to_string() const;
};

// Reads what to_string() writes, or localhost for a host, which is 127.0.0.1. Never asks a name server. kFieldInvalid
// says what is wrong.
core::Result<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace futured::rpc
