// Limits of the HTTP side: what one client may cost.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace futured::http {

struct Limits {
  // Open at once; further ones are closed.
  std::size_t max_connections = 256;
  std::size_t max_header_size = 8 << 10;
  std::size_t max_body_size = std::size_t{5} << 20;
  // Of all requests that are being read or answered; above it they are refused for a while. One is always taken.
  std::size_t max_bodies_size = std::size_t{64} << 20;
  // Clients of all pages of events together.
  std::size_t max_event_streams = 64;

  // Between two requests; until the header of one is complete, from its first byte on; until its body is; until a
  // client has taken an answer, or one piece of a stream.
  std::chrono::milliseconds idle_timeout{60'000};
  std::chrono::milliseconds header_timeout{10'000};
  std::chrono::milliseconds body_timeout{60'000};
  std::chrono::milliseconds write_timeout{30'000};
};

}  // namespace futured::http
