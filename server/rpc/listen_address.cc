#include "server/rpc/listen_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <charconv>

namespace futured::rpc {
namespace {

constexpr std::string_view kTlsPrefix = "tls://";
constexpr std::string_view kUnixPrefix = "unix:";
// What the system has room for.
constexpr std::size_t kLongestSocketPath = sizeof(sockaddr_un::sun_path) - 1;

bool is_numeric(const std::string& host) {
  in6_addr address{};
  return inet_pton(host.find(':') == std::string::npos ? AF_INET : AF_INET6, host.c_str(), &address) == 1;
}

}  // namespace

bool ListenAddress::is_loopback() const {
  if (is_unix()) return true;
  if (is_ipv6()) {
    in6_addr address{};
    return inet_pton(AF_INET6, host.c_str(), &address) == 1 && IN6_IS_ADDR_LOOPBACK(&address);
  }
  return host.starts_with("127.");
}

std::string ListenAddress::to_string() const {
  if (is_unix()) {
    std::string text(kUnixPrefix);
    return text.append(host);
  }
  std::string text(kind == Kind::kTls ? kTlsPrefix : "");
  if (is_ipv6()) text += '[';
  text.append(host).append(is_ipv6() ? "]:" : ":").append(std::to_string(port));
  return text;
}

core::Result<ListenAddress> parse_listen_address(std::string_view text) {
  const auto refuse = [&](std::string_view why) {
    std::string message = "\"";
    message.append(text).append("\" is not an address to listen on; ").append(why);
    return core::failure(core::Reason::kSettingInvalid, std::move(message));
  };
  if (text.starts_with(kUnixPrefix)) {
    const std::string_view path = text.substr(kUnixPrefix.size());
    if (!path.starts_with('/') || path.ends_with('/')) return refuse("write a socket as unix:/ABSOLUTE/PATH");
    if (path.find('\0') != std::string_view::npos) return refuse("the path has a zero byte");
    if (path.size() > kLongestSocketPath) {
      const std::string most = std::to_string(kLongestSocketPath);
      return refuse("a socket's path has at most " + most + " bytes");
    }
    return ListenAddress{std::string(path), 0, ListenAddress::Kind::kUnix};
  }
  const bool tls = text.starts_with(kTlsPrefix);
  std::string_view rest = text.substr(tls ? kTlsPrefix.size() : 0);
  const std::size_t colon = rest.rfind(':');
  if (colon == std::string_view::npos) return refuse("write HOST:PORT, tls://HOST:PORT or unix:/PATH");
  const std::string_view port = rest.substr(colon + 1);
  std::string_view host = rest.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (!bracketed && host.find(':') != std::string::npos) return refuse("write an IPv6 address as [ADDRESS]:PORT");

  ListenAddress address{std::string(host == "localhost" ? "127.0.0.1" : host), 0,
                        tls ? ListenAddress::Kind::kTls : ListenAddress::Kind::kTcp};
  const auto [stop, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (error != std::errc{} || stop != port.data() + port.size()) return refuse("the port is a number from 0 to 65535");
  if (!is_numeric(address.host)) return refuse("the host is a numeric address or localhost");
  return address;
}

}  // namespace futured::rpc
