#include "server/access_check.h"

#include <algorithm>

#include "server/rpc/listen_address.h"

namespace futured::server {
namespace {

using Outcome = tl::expected<void, std::string>;
using rpc::ListenAddress;

constexpr const char* kWayOut =
    " Where the network itself is closed, as in a container, --listen-insecurely-on-any-interface allows it";

tl::unexpected<std::string> refuse(const Origins& origins, const char* setting, const std::string& what) {
  return tl::unexpected(origins.of(setting) + ": " + what);
}

// Whether every call of a TLS client has to say whose it is.
bool authenticates(const Options& options) {
  const bool needs_certificate =
      !options.tls_client_ca.empty() && options.tls_client_certificates == ClientCertificateRule::kRequire;
  const bool has_identities =
      !options.identities.empty() && (!options.tokens.empty() || !options.tls_client_ca.empty());
  return needs_certificate || has_identities;
}

Outcome check_address(const Options& options, const Origins& origins, const ListenAddress& address) {
  const std::string name = address.to_string();
  if (address.kind == ListenAddress::Kind::kTls && (options.tls_certificate.empty() || options.tls_key.empty())) {
    return refuse(origins, "listen", name + " needs tls_certificate and tls_key");
  }
  if (address.is_loopback() || options.listen_insecurely_on_any_interface) return {};
  if (address.kind != ListenAddress::Kind::kTls) {
    return refuse(origins, "listen",
                  name +
                      " is not a loopback address. Whoever reaches it could run every function, and read what others "
                      "send: use tls://" +
                      name + ", with tls_certificate, tls_key, identities and tokens." + kWayOut);
  }
  if (authenticates(options)) return {};
  return refuse(origins, "listen",
                name +
                    " is not a loopback address, and TLS alone keeps nobody out: this needs identities with tokens or "
                    "tls_client_ca, or tls_client_ca with tls_client_certificates = \"require\"." +
                    kWayOut);
}

// The HTTP side has no TLS of its own.
Outcome check_http(const Options& options, const Origins& origins) {
  const std::string listen = options.http_listen.value_or(kHttpOff);
  const auto address = rpc::parse_listen_address(listen);
  if (!address) return {};
  if (address->kind != ListenAddress::Kind::kTcp) {
    return refuse(origins, "http_listen", listen + ": HTTP has HOST:PORT only; for TLS put a proxy in front of it");
  }
  if (address->is_loopback() || options.listen_insecurely_on_any_interface) return {};
  return refuse(origins, "http_listen",
                listen +
                    " is not a loopback address, and what is said there is not encrypted: put a proxy with TLS in "
                    "front of it, and its name into http_hosts." +
                    kWayOut);
}

Outcome check_files(const Options& options, const Origins& origins) {
  if (options.tls_certificate.empty() != options.tls_key.empty()) {
    const bool no_key = options.tls_key.empty();
    return refuse(origins, no_key ? "tls_certificate" : "tls_key",
                  no_key ? "needs tls_key, which is not set" : "needs tls_certificate, which is not set");
  }
  if (!options.tls_client_ca.empty() && options.tls_certificate.empty()) {
    return refuse(origins, "tls_client_ca", "needs tls_certificate and tls_key, which are not set");
  }
  if (!options.tokens.empty() && options.identities.empty()) {
    return refuse(origins, "tokens", "needs identities, which says what the owner of each token may do");
  }
  if (!options.audit_log.empty() && options.identities.empty()) {
    return refuse(origins, "audit_log", "needs identities: without them all callers are the same");
  }
  return {};
}

}  // namespace

Outcome check_access(const Options& options, const Origins& origins) {
  if (Outcome checked = check_files(options, origins); !checked) return checked;
  for (const std::string& text : options.listen) {
    const auto address = rpc::parse_listen_address(text);
    if (!address) return refuse(origins, "listen", address.error().message);
    if (Outcome checked = check_address(options, origins, *address); !checked) return checked;
  }
  return check_http(options, origins);
}

}  // namespace futured::server
