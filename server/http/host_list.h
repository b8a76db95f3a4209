// HostList: the names under which the daemon is called over HTTP.
//
// A page of a stranger can make a browser call any address, and by a name of its own that it lets point here (DNS
// rebinding) it could read the answers. The name is in the request: what is not ours is refused.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace futured::http {

class HostList {
 public:
  // The names of the loopback interface, and `names` without ports; case does not count.
  explicit HostList(const std::vector<std::string>& names);
  // `host` as in the header, with or without a port.
  bool allows(std::string_view host) const;

 private:
  std::set<std::string> names_;
};

}  // namespace futured::http
