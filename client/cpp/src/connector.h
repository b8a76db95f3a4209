// Connections to the daemon.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "credential_files.h"
#include "daemon_address.h"

namespace futured::detail {

// Opens channels to one daemon, under some credentials: the only place that does. Immutable, so safe from any thread.
class Connector {
 public:
  // Throws std::invalid_argument for an address, credentials or files of theirs that cannot be used, and for a token
  // that would leave this machine in plain text.
  Connector(std::string address, const Credentials& credentials);

  // As it was given.
  const std::string& address() const noexcept { return address_; }
  bool uses_tls() const;

  // The credentials for a connection and its calls, read anew. Throws std::invalid_argument as above.
  LoadedCredentials load() const { return detail::load(credentials_); }
  // A connection of its own, made when first needed. gRPC joins its callback threads in the destructor of the last one,
  // so none of them may destroy it.
  std::shared_ptr<grpc::Channel> open(const LoadedCredentials& loaded) const;
  // Whether the files hold something else than what was loaded, and can be used.
  bool has_newer(const LoadedCredentials& loaded) const noexcept;

 private:
  void check() const;
  std::shared_ptr<grpc::ChannelCredentials> channel_credentials(const LoadedCredentials& loaded) const;

  const std::string address_;
  const DaemonAddress parsed_;
  const Credentials credentials_;
};

// Has a call show the token, if there is one. Credentials of gRPC's for calls would do it over TLS alone.
void authorize(grpc::ClientContext& context, const LoadedCredentials& loaded);

}  // namespace futured::detail
