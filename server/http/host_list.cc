#include "server/http/host_list.h"

#include <algorithm>
#include <cctype>

namespace futured::http {
namespace {

std::string lower(std::string_view text) {
  std::string lowered(text);
  std::ranges::transform(lowered, lowered.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lowered;
}

bool is_port(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c) != 0; });
}

// "[::1]:7071" is "::1", "localhost." is "localhost".
std::string name_of(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  const bool is_bare_ipv6 = host.find(':') != colon && !host.starts_with('[');
  if (colon != std::string_view::npos && !is_bare_ipv6 && is_port(host.substr(colon + 1))) host = host.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.ends_with('.')) host.remove_suffix(1);
  return lower(host);
}

}  // namespace

HostList::HostList(const std::vector<std::string>& names) : names_{"localhost", "127.0.0.1", "::1"} {
  for (const std::string& name : names) names_.insert(name_of(name));
}

bool HostList::allows(std::string_view host) const { return names_.contains(name_of(host)); }

}  // namespace futured::http
