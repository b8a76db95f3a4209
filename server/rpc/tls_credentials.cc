#include "server/rpc/tls_credentials.h"

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>

#include <utility>

namespace futured::rpc {
namespace {

grpc_ssl_client_certificate_request_type request_of(ClientCertificates clients) {
  switch (clients) {
    case ClientCertificates::kNone:
      return GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE;
    case ClientCertificates::kAccept:
      return GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY;
    case ClientCertificates::kRequire:
      return GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
  }
  return GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
}

// Called by gRPC at the start and at each handshake, one at a time.
grpc_ssl_certificate_config_reload_status fetch(void* source, grpc_ssl_server_certificate_config** config) {
  TlsIdentity identity;
  if (!static_cast<TlsIdentitySource*>(source)->take(identity)) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
  const grpc_ssl_pem_key_cert_pair pair{identity.key.c_str(), identity.certificate.c_str()};
  // gRPC aborts without authorities, also where clients are asked for no certificate: then any that it can read will
  // do.
  const std::string& authorities = identity.client_ca.empty() ? identity.certificate : identity.client_ca;
  *config = grpc_ssl_server_certificate_config_create(authorities.c_str(), &pair, 1);
  return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
}

// gRPC's C++ interface has no credentials that ask for their certificate again; its C interface has.
class ReloadingCredentials final : public grpc::ServerCredentials {
 public:
  ReloadingCredentials(std::shared_ptr<TlsIdentitySource> source, ClientCertificates clients)
      : source_(std::move(source)),
        credentials_(grpc_ssl_server_credentials_create_with_options(
            grpc_ssl_server_credentials_create_options_using_config_fetcher(request_of(clients), fetch,
                                                                            source_.get()))) {}
  ~ReloadingCredentials() override { grpc_server_credentials_release(credentials_); }
  ReloadingCredentials(const ReloadingCredentials&) = delete;
  ReloadingCredentials& operator=(const ReloadingCredentials&) = delete;

  // Identities are found out by each method; see gate.h.
  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  const std::shared_ptr<TlsIdentitySource> source_;
  grpc_server_credentials* const credentials_;
};

}  // namespace

void TlsIdentitySource::set(TlsIdentity identity) {
  const core::MutexLock lock(mu_);
  identity_ = std::move(identity);
  ++version_;
}

bool TlsIdentitySource::take(TlsIdentity& into) {
  const core::MutexLock lock(mu_);
  if (taken_ == version_) return false;
  taken_ = version_;
  into = identity_;
  return true;
}

std::shared_ptr<grpc::ServerCredentials> make_tls_credentials(std::shared_ptr<TlsIdentitySource> source,
                                                              ClientCertificates clients) {
  return std::make_shared<ReloadingCredentials>(std::move(source), clients);
}

}  // namespace futured::rpc
