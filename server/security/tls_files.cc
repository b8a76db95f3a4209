#include "server/security/tls_files.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>
#include <utility>

#include "server/security/secret_file.h"

namespace futured::security {
namespace {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

tl::unexpected<std::string> complaint(const std::string& path, const char* what) {
  return tl::unexpected(path + ": " + what);
}

Bio reading(const std::string& text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

// The daemon has nobody to ask for the password of a key.
int no_password(char*, int, int, void*) { return -1; }

// The first one. Null: there is none, or one of them is broken.
Certificate first_of(const std::string& pem) {
  const Bio bio = reading(pem);
  Certificate first(PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr));
  if (first == nullptr) return nullptr;
  while (const Certificate next{PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr)}) {
  }
  const auto error = ERR_peek_last_error();
  ERR_clear_error();
  // That the text is at its end is one more error.
  return ERR_GET_REASON(error) == PEM_R_NO_START_LINE ? std::move(first) : nullptr;
}

}  // namespace

tl::expected<TlsFiles, std::string> read_tls_files(const TlsFiles& paths) {
  auto certificate_text = read_trusted_file(paths.certificate);
  if (!certificate_text) return tl::unexpected(certificate_text.error());
  auto key_text = read_secret_file(paths.key);
  if (!key_text) return tl::unexpected(key_text.error());
  const Certificate certificate = first_of(*certificate_text);
  if (certificate == nullptr) return complaint(paths.certificate, "is no certificate in PEM");
  if (X509_cmp_current_time(X509_get0_notAfter(certificate.get())) < 0) {
    return complaint(paths.certificate, "the certificate has expired");
  }
  const Key key(PEM_read_bio_PrivateKey(reading(*key_text).get(), nullptr, no_password, nullptr));
  if (key == nullptr) return complaint(paths.key, "is no private key in PEM without a password");
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return tl::unexpected(paths.key + ": is not the key of the certificate in " + paths.certificate);
  }
  TlsFiles files{*std::move(certificate_text), *std::move(key_text), {}};
  if (paths.client_ca.empty()) return files;
  auto authorities = read_trusted_file(paths.client_ca);
  if (!authorities) return tl::unexpected(authorities.error());
  if (first_of(*authorities) == nullptr) return complaint(paths.client_ca, "has no certificates in PEM");
  files.client_ca = *std::move(authorities);
  return files;
}

}  // namespace futured::security
