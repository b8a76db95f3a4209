// Authority: a certificate authority for tests of TLS, made anew for each, so that no key is ever in the tree.
#pragma once

#include <openssl/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace futured::testing {

// What a certificate says.
struct CertificateRequest {
  std::string name;                                        // Its common name, and that of its files.
  enum class Use { kServer, kClient } use = Use::kServer;  // What TLS takes it for.
  std::vector<std::string> dns = {};                       // Subject alternative names.
  std::vector<std::string> ips = {};
  std::vector<std::string> uris = {};
  bool expired = false;  // It was valid until an hour ago.
};

// A certificate and its key, as PEM files.
struct CertificateFiles {
  std::filesystem::path certificate;
  std::filesystem::path key;  // Mode 0600.
};

// Has a key pair and a self-signed certificate, valid for a day; keys are of P-256. Not thread-safe. All throw
// std::runtime_error, with what OpenSSL says.
class Authority {
 public:
  // Writes its own certificate into the folder. The key stays in memory.
  explicit Authority(std::filesystem::path folder, const std::string& name = "authority");

  // PEM: what trusts this authority.
  const std::filesystem::path& certificate() const { return certificate_file_; }
  // Writes NAME.pem and NAME.key into the folder, over those of an earlier request of that name.
  CertificateFiles issue(const CertificateRequest& request) const;
  // One for servers on this machine: localhost, 127.0.0.1 and ::1.
  CertificateFiles issue_for_localhost(const std::string& name = "server") const;

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const;
    void operator()(X509* certificate) const;
  };

  const std::filesystem::path folder_;
  const std::filesystem::path certificate_file_;
  const std::unique_ptr<EVP_PKEY, Free> key_;
  const std::unique_ptr<X509, Free> certificate_;
};

}  // namespace futured::testing
