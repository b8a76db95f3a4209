#include "server/rpc/read_progress.h"

#include <linux/sockios.h>
// Not netinet/tcp.h: the structure of glibc 2.36 ends before tcpi_bytes_acked.
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace futured::rpc {

ReadProgress::Time ReadProgress::stopped_since(int socket, Time now) {
  tcp_info info{};
  socklen_t size = sizeof(info);
  // Bytes that are not acknowledged, whether or not they were sent.
  int waiting = 0;
  const bool known =
      getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 && ioctl(socket, SIOCOUTQ, &waiting) == 0;
  if (!known || waiting == 0 || info.tcpi_bytes_acked != acknowledged_) since_ = now;
  acknowledged_ = info.tcpi_bytes_acked;
  return since_;
}

}  // namespace futured::rpc
