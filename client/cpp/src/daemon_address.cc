#include "daemon_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <stdexcept>
#include <string_view>

namespace futured::detail {
namespace {

constexpr std::string_view kTls = "tls://";
constexpr std::string_view kDefaultPort = ":7070";

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

std::string with_port(const std::string& target) {
  in6_addr v6{};
  if (inet_pton(AF_INET6, target.c_str(), &v6) == 1) return "[" + target + "]" + std::string(kDefaultPort);
  const bool is_bracketed = target.starts_with('[') && target.ends_with(']');
  const bool is_host = target.find_first_of(":/") == target.npos;
  return is_bracketed || is_host ? target + std::string(kDefaultPort) : target;
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
  if (text.starts_with("http://") || text.starts_with("https://")) {
    throw std::invalid_argument("the address \"" + text + "\" is no daemon's: write host:port or tls://host:port");
  }
  if (text.starts_with(kTls)) {
    wants_tls = true;
    target = text.substr(kTls.size());
  }
  if (target.empty()) throw std::invalid_argument("there is no host in the address \"" + text + "\"");
  target = with_port(target);
  is_unix = !wants_tls && (text.starts_with("unix:") || text.starts_with("unix-abstract:"));
  is_local = is_unix || is_loopback(target);
}

}  // namespace futured::detail
