#include "tests/support/authority.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <fstream>
#include <stdexcept>
#include <utility>

namespace futured::testing {
namespace {

constexpr long kHour = 3600;
constexpr long kDay = 24 * kHour;

void check(bool done, const std::string& what) {
  if (done) return;
  char text[256] = "no reason given";
  if (const unsigned long code = ERR_get_error(); code != 0) ERR_error_string_n(code, text, sizeof text);
  throw std::runtime_error("cannot " + what + ": " + text);
}

EVP_PKEY* new_key() {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  check(key != nullptr, "make a key");
  return key;
}

void set_names(X509* certificate, const std::string& subject, const X509_NAME* issuer) {
  X509_NAME* const name = X509_get_subject_name(certificate);
  const auto* const text = reinterpret_cast<const unsigned char*>(subject.c_str());
  check(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, -1, -1, 0) == 1, "set the name " + subject);
  check(X509_set_issuer_name(certificate, issuer == nullptr ? name : issuer) == 1, "set the issuer");
}

void set_serial(X509* certificate) {
  std::uint64_t number = 0;
  check(RAND_bytes(reinterpret_cast<unsigned char*>(&number), sizeof number) == 1, "draw a number");
  check(ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), number >> 1) == 1, "set the serial number");
}

void add_extension(X509* certificate, const X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, const_cast<X509*>(issuer), certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  check(extension != nullptr, "make the extension \"" + value + "\"");
  const int added = X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
  check(added == 1, "add the extension \"" + value + "\"");
}

// Valid from a day ago, as clocks differ, or over for an hour.
X509* new_certificate(const std::string& subject, EVP_PKEY* key, const X509* issuer, bool expired) {
  X509* const certificate = X509_new();
  check(certificate != nullptr && X509_set_version(certificate, X509_VERSION_3) == 1, "make a certificate");
  set_serial(certificate);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate), expired ? -kHour : kDay);
  set_names(certificate, subject, issuer == nullptr ? nullptr : X509_get_subject_name(issuer));
  check(X509_set_pubkey(certificate, key) == 1, "set the public key");
  return certificate;
}

X509* new_authority(const std::string& name, EVP_PKEY* key) {
  X509* const certificate = new_certificate(name, key, nullptr, false);
  add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(certificate, certificate, NID_subject_key_identifier, "hash");
  check(X509_sign(certificate, key, EVP_sha256()) > 0, "sign the certificate of " + name);
  return certificate;
}

std::string alternative_names(const CertificateRequest& request) {
  std::string all;
  const auto add = [&all](const char* kind, const std::vector<std::string>& names) {
    for (const std::string& name : names) all += (all.empty() ? "" : ",") + (kind + name);
  };
  add("DNS:", request.dns);
  add("IP:", request.ips);
  add("URI:", request.uris);
  return all;
}

void add_extensions(X509* certificate, const X509* issuer, const CertificateRequest& request) {
  add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(certificate, issuer, NID_key_usage, "critical,digitalSignature");
  const bool server = request.use == CertificateRequest::Use::kServer;
  add_extension(certificate, issuer, NID_ext_key_usage, server ? "serverAuth" : "clientAuth");
  add_extension(certificate, issuer, NID_authority_key_identifier, "keyid");
  const std::string names = alternative_names(request);
  if (!names.empty()) add_extension(certificate, issuer, NID_subject_alt_name, names);
}

// What `write` puts into memory as PEM.
template <class Write>
void write_pem(const std::filesystem::path& path, Write write) {
  BIO* const memory = BIO_new(BIO_s_mem());
  check(memory != nullptr && write(memory) == 1, "encode " + path.string());
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  file.write(data, size);
  file.close();
  BIO_free(memory);
  if (!file) throw std::runtime_error("cannot write " + path.string());
}

void write_certificate(const std::filesystem::path& path, X509* certificate) {
  write_pem(path, [certificate](BIO* memory) { return PEM_write_bio_X509(memory, certificate); });
}

void write_key(const std::filesystem::path& path, EVP_PKEY* key) {
  write_pem(path, [key](BIO* memory) {
    return PEM_write_bio_PrivateKey(memory, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
}

}  // namespace

void Authority::Free::operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
void Authority::Free::operator()(X509* certificate) const { X509_free(certificate); }

Authority::Authority(std::filesystem::path folder, const std::string& name)
    : folder_(std::move(folder)),
      certificate_file_(folder_ / (name + ".pem")),
      key_(new_key()),
      certificate_(new_authority(name, key_.get())) {
  write_certificate(certificate_file_, certificate_.get());
}

CertificateFiles Authority::issue(const CertificateRequest& request) const {
  const std::unique_ptr<EVP_PKEY, Free> key(new_key());
  const std::unique_ptr<X509, Free> certificate(
      new_certificate(request.name, key.get(), certificate_.get(), request.expired));
  add_extensions(certificate.get(), certificate_.get(), request);
  check(X509_sign(certificate.get(), key_.get(), EVP_sha256()) > 0, "sign the certificate of " + request.name);
  CertificateFiles files{folder_ / (request.name + ".pem"), folder_ / (request.name + ".key")};
  write_certificate(files.certificate, certificate.get());
  write_key(files.key, key.get());
  return files;
}

CertificateFiles Authority::issue_for_localhost(const std::string& name) const {
  return issue({.name = name, .dns = {"localhost"}, .ips = {"127.0.0.1", "::1"}});
}

}  // namespace futured::testing
