// Where a daemon is.
#pragma once

#include <string>

namespace futured::detail {

// An address as users write it: "host:port", "tls://host:port", "unix:/path", or any gRPC target. A host alone has the
// daemon's port, 7070; gRPC would take that of web pages.
struct DaemonAddress {
  // Throws std::invalid_argument where there is no host, and for the address of a web page.
  explicit DaemonAddress(const std::string& text);

  std::string target;      // For gRPC.
  bool wants_tls = false;  // It says so.
  bool is_unix = false;    // A Unix socket.
  bool is_local = false;   // What is sent there surely stays on this machine.
};

}  // namespace futured::detail
