// What the daemon demands of gRPC: limits, timeouts, windows. One place, applied to the builder.
#pragma once

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace futured::rpc {

struct ServerSettings {
  // Of one message in either direction, bytes: the largest payload and its envelope.
  std::uint64_t max_message_size = std::uint64_t{5} << 20;
  // Of the headers of one call, bytes.
  std::uint64_t max_metadata_size = std::uint64_t{8} << 10;
  std::uint64_t max_streams_per_connection = 1'000;
  // A peer from which nothing comes for so long is asked whether it is there, and given up when it does not answer.
  std::chrono::nanoseconds keepalive_time = std::chrono::seconds(30);
  std::chrono::nanoseconds keepalive_timeout = std::chrono::seconds(10);
  // What a new connection has to say who it is.
  std::chrono::nanoseconds handshake_timeout = std::chrono::seconds(10);
  // A connection without calls is closed after it.
  std::chrono::nanoseconds max_connection_idle = std::chrono::minutes(5);
  // Whether clients are told the schema.
  bool reflection = true;
};

// Applies them, and:
//   no compression        a small message that inflates to gigabytes is refused, not inflated
//   keepalive             a peer that has vanished is noticed, also without calls
//   pings of clients      may come every 10 s, calls or not
//   no bandwidth probing  a stream buffers at most its window; see kStreamWindow
void apply_server_settings(grpc::ServerBuilder& builder, const ServerSettings& settings);

// Adds a way for connections that others accepted. The result takes over a connected, non-blocking socket; call it only
// while the server runs, that is after BuildAndStart() and before Shutdown().
std::function<void(int listening, int connection)> add_connection_acceptor(
    grpc::ServerBuilder& builder,
    const std::shared_ptr<grpc::ServerCredentials>& credentials = grpc::InsecureServerCredentials());

}  // namespace futured::rpc
