// ServiceManager: tells whoever started the daemon how far it is, by systemd's sd_notify(3) protocol: a datagram of
// lines to the socket that NOTIFY_SOCKET names.
#pragma once

#include <string>
#include <string_view>

#include "server/core/clock.h"

namespace futured::server {

// Used by one thread. Nothing here fails loudly: the daemon serves, whether somebody is told or not.
class ServiceManager {
 public:
  // A path, or "@name" of an abstract socket. nullptr or empty: there is nobody to tell.
  explicit ServiceManager(const char* socket);

  // The daemon serves.
  void ready() const;
  // It ends, and may take this long for it, whatever the unit's TimeoutStopSec says.
  void stopping(core::Duration within) const;

 private:
  void tell(std::string_view lines) const;

  std::string socket_;
};

}  // namespace futured::server
