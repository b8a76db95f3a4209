#include "server/http_setup.h"

#include <utility>

#include "server/rpc/listen_address.h"

namespace futured::server {
namespace {

// Room for everything of a request but the arguments.
constexpr std::uint64_t kEnvelope = std::uint64_t{1} << 20;
constexpr std::size_t kBodiesAtOnce = std::size_t{64} << 20;

http::Limits limits_of(const Options& options) {
  http::Limits limits;
  limits.max_connections = options.http_max_connections;
  limits.max_event_streams = options.http_max_event_streams;
  limits.max_body_size = options.max_arguments_size + kEnvelope;
  limits.max_bodies_size = kBodiesAtOnce;
  return limits;
}

}  // namespace

tl::expected<std::unique_ptr<http::Server>, std::string> make_http(const Options& options, http::Server::Parts parts,
                                                                   std::string proof, Logger& logger) {
  const std::string listen = options.http_listen.value_or(kUsualHttpAddress);
  if (listen == kHttpOff) return nullptr;
  const auto address = rpc::parse_listen_address(listen);
  if (!address) return tl::unexpected("http_listen: " + address.error().message);
  http::Server::Settings settings;
  settings.host = address->host;
  settings.port = address->port;
  settings.names = options.http_hosts;
  settings.limits = limits_of(options);
  settings.proof = std::move(proof);
  settings.on_trouble = [&logger](std::string_view what) { logger.warning("connections", {{"trouble", what}}); };
  auto server = std::make_unique<http::Server>(std::move(settings), std::move(parts));
  const auto bound = server->bind();
  if (bound) return server;
  if (options.http_listen) return tl::unexpected("http_listen: " + bound.error().message);
  logger.warning("no metrics and no HTTP: the usual address is taken; http_listen names another",
                 {{"why", bound.error().message}});
  return nullptr;
}

}  // namespace futured::server
