#include "connector.h"

#include <exception>
#include <stdexcept>
#include <utility>

namespace futured::detail {
namespace {

// What a Unix socket has no use for is not read.
Credentials for_address(const DaemonAddress& address, Credentials credentials) {
  if (address.is_unix) credentials.ca_file = credentials.certificate_file = credentials.key_file = "";
  return credentials;
}

}  // namespace

Connector::Connector(std::string address, const Credentials& credentials)
    : address_(std::move(address)),
      parsed_(address_),
      credentials_(for_address(parsed_, with_environment(credentials))) {
  check();
  load();
}

void Connector::check() const {
  if (!credentials_.token.empty() && !credentials_.token_file.empty()) {
    throw std::invalid_argument("credentials: there may be a token or a token_file, not both");
  }
  if (credentials_.certificate_file.empty() != credentials_.key_file.empty()) {
    throw std::invalid_argument("credentials: certificate_file and key_file are needed together");
  }
  const bool has_token = !credentials_.token.empty() || !credentials_.token_file.empty();
  if (!has_token || uses_tls() || parsed_.is_local || credentials_.allow_plaintext_token) return;
  throw std::invalid_argument("credentials: the token would go to " + address_ +
                              " in plain text; turn on TLS by a ca_file or an address tls://host:port, or set "
                              "allow_plaintext_token where the network itself is encrypted");
}

bool Connector::uses_tls() const {
  return parsed_.wants_tls || !credentials_.ca_file.empty() || !credentials_.certificate_file.empty();
}

std::shared_ptr<grpc::ChannelCredentials> Connector::channel_credentials(const LoadedCredentials& loaded) const {
  if (!uses_tls()) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = loaded.authorities;
  options.pem_private_key = loaded.key;
  options.pem_cert_chain = loaded.certificate;
  return grpc::SslCredentials(options);
}

std::shared_ptr<grpc::Channel> Connector::open(const LoadedCredentials& loaded) const {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // gRPC's own waiting between connection attempts must never add to ours.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5'000);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  // What is for this machine must not leave it by way of the proxy that $http_proxy names.
  if (parsed_.is_local) arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetCompressionAlgorithm(GRPC_COMPRESS_NONE);
  if (uses_tls() && !credentials_.server_name.empty()) arguments.SetSslTargetNameOverride(credentials_.server_name);
  return grpc::CreateCustomChannel(parsed_.target, channel_credentials(loaded), arguments);
}

bool Connector::has_newer(const LoadedCredentials& loaded) const noexcept {
  try {
    return load() != loaded;
  } catch (const std::exception&) {
    return false;
  }
}

void authorize(grpc::ClientContext& context, const LoadedCredentials& loaded) {
  if (!loaded.token.empty()) context.AddMetadata("authorization", "Bearer " + loaded.token);
}

}  // namespace futured::detail
