#include "server/rpc/server_settings.h"

#include <grpcpp/impl/server_builder_option.h>
#include <grpcpp/impl/server_builder_plugin.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <string_view>
#include <vector>

namespace futured::rpc {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

// Below what our clients send, so that jitter never makes a client look like a nuisance.
constexpr milliseconds kMinPingInterval = 10s;
constexpr int kIdentityCompressionOnly = 1;
// What a stream may have in our buffers before it is read. Streaming small tasks over loopback, 64 KiB cost a third
// more processor time a byte than this, for the many window updates; more gained nothing, nor did bandwidth probing.
constexpr int kStreamWindow = 256 << 10;
// Of what gRPC accounts for, which is not everything: a hint, not a limit to count on.
constexpr std::size_t kQuotaMemory = std::size_t{256} << 20;
// Threads of reflection's blocking streams.
constexpr int kQuotaThreads = 32;

// gRPC's library of reflection adds it to every server of a process that it is linked to.
class WithoutReflection final : public grpc::ServerBuilderOption {
 public:
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    std::erase_if(*plugins, [](const auto& plugin) { return plugin->name() == kReflectionPlugin; });
  }

 private:
  static constexpr std::string_view kReflectionPlugin = "proto_server_reflection";
};

// More than gRPC can count is for ever.
int in_milliseconds(std::chrono::nanoseconds time) {
  return static_cast<int>(std::min<std::int64_t>(time / 1ms, std::numeric_limits<int>::max()));
}

}  // namespace

void apply_server_settings(grpc::ServerBuilder& builder, const ServerSettings& settings) {
  builder.SetMaxReceiveMessageSize(static_cast<int>(settings.max_message_size));
  builder.SetMaxSendMessageSize(static_cast<int>(settings.max_message_size));
  const auto set = [&](const char* name, int value) { builder.AddChannelArgument(name, value); };
  set(GRPC_ARG_MAX_METADATA_SIZE, static_cast<int>(settings.max_metadata_size));
  set(GRPC_ARG_MAX_CONCURRENT_STREAMS, static_cast<int>(settings.max_streams_per_connection));
  set(GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET, kIdentityCompressionOnly);
  set(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, in_milliseconds(settings.handshake_timeout));
  set(GRPC_ARG_KEEPALIVE_TIME_MS, in_milliseconds(settings.keepalive_time));
  set(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, in_milliseconds(settings.keepalive_timeout));
  set(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  set(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  set(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, in_milliseconds(kMinPingInterval));
  set(GRPC_ARG_MAX_CONNECTION_IDLE_MS, in_milliseconds(settings.max_connection_idle));
  set(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  set(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kStreamWindow);
  set(GRPC_ARG_ALLOW_REUSEPORT, 0);
  if (!settings.reflection) builder.SetOption(std::make_unique<WithoutReflection>());
  grpc::ResourceQuota quota("futured");
  quota.Resize(kQuotaMemory).SetMaxThreads(kQuotaThreads);
  builder.SetResourceQuota(quota);
}

std::function<void(int, int)> add_connection_acceptor(grpc::ServerBuilder& builder,
                                                      const std::shared_ptr<grpc::ServerCredentials>& credentials) {
  using Type = grpc::ServerBuilder::experimental_type::ExternalConnectionType;
  // Shared, because std::function must be copyable.
  std::shared_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor =
      builder.experimental().AddExternalConnectionAcceptor(Type::FROM_FD, credentials);
  return [acceptor](int listening, int connection) {
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters parameters;
    parameters.listener_fd = listening;
    parameters.fd = connection;
    acceptor->HandleNewConnection(&parameters);
  };
}

}  // namespace futured::rpc
