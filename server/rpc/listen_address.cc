#include "server/rpc/listen_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <charconv>

namespace futured::rpc {
namespace {

bool is_numeric(const std::string& host) {
  in6_addr address{};
  return inet_pton(host.find(':') == std::string::npos ? AF_INET : AF_INET6, host.c_str(), &address) == 1;
}

}  // namespace

bool ListenAddress::is_loopback() const {
  if (is_ipv6()) {
    in6_addr address{};
    return inet_pton(AF_INET6, host.c_str(), &address) == 1 && IN6_IS_ADDR_LOOPBACK(&address);
  }
  return host.starts_with("127.");
}

std::string ListenAddress::to_string() const {
  std::string text = is_ipv6() ? "[" : "";
  text.append(host).append(is_ipv6() ? "]:" : ":").append(std::to_string(port));
  return text;
}

core::Result<ListenAddress> parse_listen_address(std::string_view text) {
  const auto refuse = [&](std::string_view why) {
    std::string message = "\"";
    message.append(text).append("\" is not an address to listen on; ").append(why);
    return core::failure(core::Reason::kSettingInvalid, std::move(message));
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return refuse("write HOST:PORT");
  const std::string_view port = text.substr(colon + 1);
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (!bracketed && host.find(':') != std::string::npos) return refuse("write an IPv6 address as [ADDRESS]:PORT");

  ListenAddress address{std::string(host == "localhost" ? "127.0.0.1" : host), 0};
  const auto [stop, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (error != std::errc{} || stop != port.data() + port.size()) return refuse("the port is a number from 0 to 65535");
  if (!is_numeric(address.host)) return refuse("the host is a numeric address or localhost");
  return address;
}

}  // namespace futured::rpc
