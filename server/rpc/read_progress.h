// ReadProgress: whether the peer of a TCP connection still takes what is sent to it.
//
// gRPC's keepalive is content with any sign of life, and so in effect is TCP_USER_TIMEOUT: a peer whose window is
// closed is asked for it by a timer, that timer is where Linux looks at the limit, and each segment that the peer sends
// sets it anew (net/ipv4/tcp_input.c, tcp_ack_probe()). So whoever sends all the time but never reads would keep what
// waits for it in memory for ever.
#pragma once

#include <chrono>
#include <cstdint>

namespace futured::rpc {

// Not thread-safe.
class ReadProgress {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Begins to count at `now`.
  explicit ReadProgress(Time now) : since_(now) {}

  // Looks at the connected socket: since when something has waited for the peer without any of it being taken, or
  // `now`. Of a socket that is none of TCP, or that cannot be looked at: `now`.
  Time stopped_since(int socket, Time now);

 private:
  // Bytes that the peer had acknowledged at `since_`.
  std::uint64_t acknowledged_ = 0;
  Time since_;
};

}  // namespace futured::rpc
