#include "daemon_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <stdexcept>
#include <string_view>

namespace futured::detail {
namespace {

constexpr std::string_view kTls = "tls://";

bool drop_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// "[::1]:7070" or "::1", "host:7070" or "host".
std::string host_of(std::string_view text) {
  if (text.starts_with('[')) return std::string(text.substr(1, text.find(']') - 1));
  const auto colon = text.find(':');
  const bool is_port = colon != text.npos && text.find(':', colon + 1) == text.npos;
  return std::string(is_port ? text.substr(0, colon) : text);
}

bool is_loopback(std::string_view target) {
  // Each is a way of gRPC's to write one host and port. Any other scheme may lead anywhere.
  drop_prefix(target, "dns:///") || drop_prefix(target, "dns:") || drop_prefix(target, "ipv4:") ||
      drop_prefix(target, "ipv6:");
  const std::string host = host_of(target);
  if (host == "localhost") return true;
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

}  // namespace

DaemonAddress::DaemonAddress(const std::string& text) : target(text) {
  if (text.starts_with(kTls)) {
    wants_tls = true;
    target = text.substr(kTls.size());
    if (target.empty()) throw std::invalid_argument("there is no host behind \"tls://\"");
  }
  is_unix = !wants_tls && (text.starts_with("unix:") || text.starts_with("unix-abstract:"));
  is_local = is_unix || is_loopback(target);
}

}  // namespace futured::detail
