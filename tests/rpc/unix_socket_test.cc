// Unix sockets: their files, and who comes through them.
#include "server/rpc/unix_socket.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server/rpc/listener.h"
#include "server/rpc/unix_peers.h"
#include "tests/support/eventually.h"
#include "tests/support/manual_time.h"
#include "tests/support/temporary_directory.h"

namespace futured::rpc {
namespace {

using testing::eventually;
using ::testing::HasSubstr;
using Access = UnixSocket::Access;

mode_t mode_of(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777U;
}

Descriptor connect_to(const std::string& path) {
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) return {};
  return socket;
}

class UnixSocketTest : public ::testing::Test {
 protected:
  std::string path() const { return directory_.path() + "/run/futured.sock"; }
  std::string refusal(Access access = Access::kOwner) const {
    const auto bound = UnixSocket::bind(path(), access);
    EXPECT_FALSE(bound.has_value());
    return bound ? "" : bound.error().message;
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(UnixSocketTest, FolderAndSocketAreTheOwnersAlone) {
  const mode_t before = ::umask(0);
  const auto socket = UnixSocket::bind(path(), Access::kOwner);
  EXPECT_EQ(::umask(before), 0U) << "the umask was not put back";
  ASSERT_TRUE(socket.has_value()) << socket.error().message;
  EXPECT_EQ(mode_of(directory_.path() + "/run"), 0700U);
  EXPECT_EQ(mode_of(path()), 0700U);
}

TEST_F(UnixSocketTest, WhereOtherUsersMayComeTheyReachTheSocketAndNothingElse) {
  const auto socket = UnixSocket::bind(path(), Access::kAnyone);
  ASSERT_TRUE(socket.has_value()) << socket.error().message;
  EXPECT_EQ(mode_of(directory_.path() + "/run"), 0711U);
  EXPECT_EQ(mode_of(path()), 0777U);
  EXPECT_EQ(mode_of(path() + ".lock"), 0600U);
}

TEST_F(UnixSocketTest, IsGoneAtTheEnd) {
  { ASSERT_TRUE(UnixSocket::bind(path(), Access::kOwner).has_value()); }
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(UnixSocketTest, WhatADeadDaemonLeftIsReplaced) {
  std::filesystem::create_directory(directory_.path() + "/run");
  ::chmod((directory_.path() + "/run").c_str(), 0700);
  {
    // Closed, with its name left behind.
    const Descriptor dead(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path().c_str(), sizeof(address.sun_path) - 1);
    ASSERT_EQ(::bind(dead.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  }
  const auto socket = UnixSocket::bind(path(), Access::kOwner);
  ASSERT_TRUE(socket.has_value()) << socket.error().message;
  ASSERT_EQ(::listen(socket->get(), 1), 0);
  EXPECT_TRUE(connect_to(path()).valid());
}

TEST_F(UnixSocketTest, OneThatSomebodyServesIsLeftAlone) {
  const auto first = UnixSocket::bind(path(), Access::kOwner);
  ASSERT_TRUE(first.has_value());
  EXPECT_THAT(refusal(), HasSubstr("another daemon serves there"));
  // One that knows nothing of the lock.
  ASSERT_EQ(::listen(first->get(), 1), 0);
  std::filesystem::remove(path() + ".lock");
  EXPECT_THAT(refusal(), HasSubstr("somebody serves there"));
  EXPECT_TRUE(connect_to(path()).valid());
}

TEST_F(UnixSocketTest, WhatIsNoSocketIsLeftAlone) {
  std::filesystem::create_directory(directory_.path() + "/run");
  ::chmod((directory_.path() + "/run").c_str(), 0700);
  std::ofstream(path()) << "precious";
  EXPECT_THAT(refusal(), HasSubstr("something else that is no socket"));
  EXPECT_TRUE(std::filesystem::is_regular_file(path()));
}

TEST_F(UnixSocketTest, FolderThatOthersMayWriteToIsRefused) {
  std::filesystem::create_directory(directory_.path() + "/run");
  ::chmod((directory_.path() + "/run").c_str(), 0770);
  EXPECT_THAT(refusal(), HasSubstr("others may write to " + directory_.path() + "/run"));
}

// --- Peers.

// A pair of sockets, of which one is taken in.
class UnixPeersTest : public ::testing::Test {
 protected:
  static constexpr const char* kNobody = "fd:3";

  core::Result<Descriptor> connect() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    others_.emplace_back(ends[1]);
    return peers_.take(Descriptor(ends[0]));
  }
  static std::string name_of(const Descriptor& connection) { return "fd:" + std::to_string(connection.get()); }

  testing::ManualTime time_;
  bool may_connect_ = true;
  UnixPeers peers_{time_, [this](uid_t user) { return may_connect_ && user == ::geteuid(); }};
  std::vector<Descriptor> others_;
};

TEST_F(UnixPeersTest, UserOfAConnectionIsKnownByItsNumber) {
  const auto connection = connect();
  ASSERT_TRUE(connection.has_value()) << connection.error().message;
  EXPECT_EQ(peers_.user_of(name_of(*connection)), ::geteuid());
  for (const char* peer : {kNobody, "fd:", "fd:x", "unix:", "ipv4:127.0.0.1:1", ""}) {
    EXPECT_EQ(peers_.user_of(peer), std::nullopt) << peer;
  }
}

TEST_F(UnixPeersTest, UserWhoMayNotConnectIsRefused) {
  may_connect_ = false;
  const auto connection = connect();
  ASSERT_FALSE(connection.has_value());
  EXPECT_EQ(connection.error().reason, core::Reason::kPermissionDenied);
}

TEST_F(UnixPeersTest, NumberOfAConnectionThatHasEndedRests) {
  std::set<int> numbers;
  for (int i = 0; i < 100; ++i) {
    const auto connection = connect();
    ASSERT_TRUE(connection.has_value());
    EXPECT_TRUE(numbers.insert(connection->get()).second) << "used again too early";
    peers_.closed(connection->get());
    EXPECT_EQ(peers_.user_of(name_of(*connection)), ::geteuid()) << "its last calls may be on their way";
  }
}

TEST_F(UnixPeersTest, NumbersComeBackAfterTheirRest) {
  std::size_t taken = 0;
  // As many as there are, all within one moment.
  for (;; ++taken) {
    const auto connection = connect();
    others_.clear();
    if (!connection) {
      EXPECT_EQ(connection.error().reason, core::Reason::kTooManyItems);
      break;
    }
    peers_.closed(connection->get());
  }
  EXPECT_GT(taken, 100U);
  time_.advance(UnixPeers::kRest);
  EXPECT_TRUE(connect().has_value());
}

// --- With the listener and gRPC.

TEST_F(UnixSocketTest, ListenerClosesConnectionsOfUsersWhoMayNotConnect) {
  testing::ManualTime time;
  UnixPeers peers(time, [](uid_t) { return false; });
  std::vector<std::string> troubles;
  Listener listener({{{path(), 0, ListenAddress::Kind::kUnix}},
                     10,
                     [&](std::string_view what) { troubles.emplace_back(what); },
                     &peers});
  ASSERT_TRUE(listener.bind().has_value());
  listener.start([](ListenAddress::Kind, int, int connection) { ::close(connection); });
  const Descriptor connection = connect_to(path());
  char byte = 0;
  EXPECT_EQ(::recv(connection.get(), &byte, 1, 0), 0) << "it is open";
  EXPECT_TRUE(eventually([&] { return listener.stats().refused == 1; }));
  listener.stop();
  EXPECT_EQ(listener.stats().accepted, 0U);
  ASSERT_EQ(troubles.size(), 1U);
  EXPECT_THAT(troubles.front(), HasSubstr("may not use the Unix socket"));
}

}  // namespace
}  // namespace futured::rpc
