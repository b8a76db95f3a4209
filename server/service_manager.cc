#include "server/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "server/exec/process/unique_fd.h"

namespace futured::server {

ServiceManager::ServiceManager(const char* socket) : socket_(socket ? socket : "") {}

void ServiceManager::ready() const { tell("READY=1"); }

void ServiceManager::stopping(core::Duration within) const {
  const auto time = std::chrono::duration_cast<std::chrono::microseconds>(within);
  std::string lines = "STOPPING=1\nEXTEND_TIMEOUT_USEC=";
  lines += std::to_string(time.count());
  tell(lines);
}

void ServiceManager::tell(std::string_view lines) const {
  sockaddr_un address{};
  if (socket_.empty() || socket_.size() >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  std::copy(socket_.begin(), socket_.end(), address.sun_path);
  // The name of an abstract socket begins with a zero, and ends where it ends.
  if (socket_.front() == '@') address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  const exec::UniqueFd sender(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!sender) return;
  // One that is full or gone is not waited for.
  (void)::sendto(sender.get(), lines.data(), lines.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address),
                 size);
}

}  // namespace futured::server
