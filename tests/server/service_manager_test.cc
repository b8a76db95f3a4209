#include "server/service_manager.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>

#include "server/exec/process/unique_fd.h"
#include "tests/support/temporary_directory.h"

namespace futured::server {
namespace {

using namespace std::chrono_literals;

// The end of a service manager.
class Listener {
 public:
  explicit Listener(std::string name) : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::size_t size = offsetof(sockaddr_un, sun_path) + name.size();
    if (name.front() == '@') name.front() = '\0';
    std::copy(name.begin(), name.end(), address.sun_path);
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(size)), 0);
  }

  // The next datagram; empty if there is none. What was sent to a Unix socket has arrived.
  std::string heard() const {
    char text[256];
    const ssize_t size = ::recv(socket_.get(), text, sizeof text, 0);
    return size < 0 ? std::string() : std::string(text, static_cast<std::size_t>(size));
  }

 private:
  exec::UniqueFd socket_;
};

TEST(ServiceManagerTest, HearsThatTheDaemonServes) {
  const testing::TemporaryDirectory directory;
  const std::string socket = directory.path() + "/notify";
  const Listener listener(socket);
  ServiceManager(socket.c_str()).ready();
  EXPECT_EQ(listener.heard(), "READY=1");
}

TEST(ServiceManagerTest, HearsHowLongTheEndMayTake) {
  const testing::TemporaryDirectory directory;
  const std::string socket = directory.path() + "/notify";
  const Listener listener(socket);
  ServiceManager(socket.c_str()).stopping(35s);
  EXPECT_EQ(listener.heard(), "STOPPING=1\nEXTEND_TIMEOUT_USEC=35000000");
}

TEST(ServiceManagerTest, IsFoundByAnAbstractName) {
  const std::string socket = "@futured-test-" + std::to_string(::getpid());
  const Listener listener(socket);
  ServiceManager(socket.c_str()).ready();
  EXPECT_EQ(listener.heard(), "READY=1");
}

TEST(ServiceManagerTest, IsLeftAloneWhereThereIsNone) {
  const testing::TemporaryDirectory directory;
  ServiceManager(nullptr).ready();
  ServiceManager("").ready();
  ServiceManager((directory.path() + "/gone").c_str()).ready();
  ServiceManager(std::string(500, 'x').c_str()).ready();
  const Listener listener(directory.path() + "/other");
  EXPECT_EQ(listener.heard(), "");
}

}  // namespace
}  // namespace futured::server
