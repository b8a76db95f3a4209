// TLS for connections that others accepted, with files that may change while they are served.
//
// TLS 1.2 and 1.3, ciphers with forward secrecy and authenticated encryption alone: gRPC's own choice.
#pragma once

#include <grpcpp/security/server_credentials.h>

#include <cstdint>
#include <memory>
#include <string>

#include "server/core/mutex.h"

namespace futured::rpc {

// In PEM.
struct TlsIdentity {
  std::string certificate;
  std::string key;
  // Authorities of clients' certificates. Empty: clients are not asked for one.
  std::string client_ca;
};

// What is shown in the next handshake. May be used from any thread.
class TlsIdentitySource {
 public:
  explicit TlsIdentitySource(TlsIdentity identity) : identity_(std::move(identity)) {}
  // Connections that are open keep what they have.
  void set(TlsIdentity identity) FUTURED_EXCLUDES(mu_);

  // For gRPC: the identity, unless it is of the same version as the last one that was taken.
  bool take(TlsIdentity& into) FUTURED_EXCLUDES(mu_);

 private:
  core::Mutex mu_;
  TlsIdentity identity_ FUTURED_GUARDED_BY(mu_);
  std::uint64_t version_ FUTURED_GUARDED_BY(mu_) = 1;
  std::uint64_t taken_ FUTURED_GUARDED_BY(mu_) = 0;
};

enum class ClientCertificates {
  kNone,
  // Those that are shown are verified.
  kAccept,
  // There is no connection without one.
  kRequire,
};

// Use for one way to accept only. Shares the source.
std::shared_ptr<grpc::ServerCredentials> make_tls_credentials(std::shared_ptr<TlsIdentitySource> source,
                                                              ClientCertificates clients);

}  // namespace futured::rpc
