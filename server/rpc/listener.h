// Listener: the daemon's own accept loop, with a cap on connections.
//
// gRPC 1.51's listener stops for ever when the process once runs out of descriptors, and has no cap. This one accepts
// on one thread and hands each connection over. Above the cap it closes a new connection at once, so that its client
// sees a failure instead of silence. When descriptors run out it leaves the rest in the kernel's queue and tries again
// after a pause, or as soon as a connection has closed.
//
// gRPC tells nobody when it closes a connection. But before it closes a descriptor it shuts the socket down, in both
// directions, and that is seen by every descriptor of the same socket: so the listener keeps a duplicate of each
// connection in an epoll set that reports nothing but that (EPOLLHUP), and closes the duplicate then. The price is a
// second descriptor for each connection; the gain is an exact count of what is open, with no timer. A peer's own end
// of a TCP connection (FIN) is no EPOLLHUP until gRPC has answered it. By the duplicates it also sees which peers do
// not read, and ends their connections.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "server/core/status.h"
#include "server/rpc/descriptor.h"
#include "server/rpc/listen_address.h"
#include "server/rpc/read_progress.h"
#include "server/rpc/unix_peers.h"
#include "server/rpc/unix_socket.h"

namespace futured::rpc {

class Listener {
 public:
  static constexpr std::uint64_t kDescriptorsPerConnection = 2;

  struct Settings {
    std::vector<ListenAddress> addresses;
    // Open at once, of all addresses together.
    std::size_t max_connections = 1'000;
    // Told once when connections begin to be refused, and again after there was room in between. On the accepting
    // thread; must not block. May be empty.
    std::function<void(std::string_view what)> on_trouble = {};
    // Not owned. Must be there if one of the addresses is of a Unix socket.
    UnixPeers* unix_peers = nullptr;
    UnixSocket::Access unix_access = UnixSocket::Access::kOwner;
    // Told when a connection has closed; on the accepting thread, must not block. May be empty.
    std::function<void()> on_close = {};
    // A peer by TCP that takes nothing of what was sent to it for so long loses its connection, a quarter of the time
    // later at most. gRPC's keepalive is content with any sign of life. From 1 ms.
    std::chrono::milliseconds max_unread = std::chrono::seconds(40);
  };
  // Takes over a connected, non-blocking socket that came to one of the addresses. On the accepting thread; must not
  // block.
  using Handover = std::function<void(ListenAddress::Kind kind, int listening, int connection)>;

  struct Stats {
    std::uint64_t accepted = 0;
    // Closed at once, because there were too many.
    std::uint64_t shed = 0;
    // Closed at once, because their users may not connect.
    std::uint64_t refused = 0;
    // Ended, because their peers did not read.
    std::uint64_t unread = 0;
    // Times that descriptors ran out.
    std::uint64_t exhausted = 0;
    std::uint64_t open = 0;
  };

  explicit Listener(Settings settings);
  ~Listener() { stop(); }

  // Binds, and says to which addresses, in their order; clients may connect from then on, and wait. kSettingInvalid
  // says what the system says. Once, before start().
  core::Result<std::vector<ListenAddress>> bind();
  // Begins to accept. Once. Connections are handed over until stop() returns.
  void start(Handover handover);
  // Closes the listening sockets; connections stay with those who took them. May be repeated.
  void stop();

  // From any thread.
  Stats stats() const;

 private:
  struct Socket {
    ListenAddress address;
    // Of TCP, or of the file system.
    Descriptor tcp = {};
    std::optional<UnixSocket> unix = {};

    int get() const { return unix ? unix->get() : tcp.get(); }
  };

  core::Result<void> bind_tcp(Socket& socket) const;
  core::Result<void> bind_unix(Socket& socket) const;
  void run();
  const Socket* socket_of(int descriptor) const;
  // Accepts what waits, up to a number so that closed connections are noticed in between.
  void accept_some(const Socket& socket);
  void take(const Socket& socket, Descriptor connection);
  // The same connection, unless its user may not connect.
  Descriptor admit(Descriptor connection);
  void closed(int duplicate);
  // Ends the connections whose peers do not read, once in a while.
  void end_unread();
  std::chrono::milliseconds look_interval() const;
  // Until a look at listening sockets or connections is due, in milliseconds as epoll_wait takes them.
  int patience() const;
  void pause();
  void resume();
  void trouble(std::string_view what);

  const Settings settings_;
  Handover handover_;
  std::vector<Socket> sockets_;
  Descriptor epoll_;
  Descriptor stopping_;
  struct Connection {
    // Of a connection to a Unix socket, else -1.
    int unix_number = -1;
    ReadProgress progress;
  };
  // Of the accepting thread: those that are open, by their duplicates.
  std::unordered_map<int, Connection> connections_;
  ReadProgress::Time looked_at_;
  bool paused_ = false;
  bool in_trouble_ = false;

  std::atomic<std::uint64_t> accepted_{0};
  std::atomic<std::uint64_t> shed_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> unread_{0};
  std::atomic<std::uint64_t> exhausted_{0};
  std::atomic<std::uint64_t> open_{0};
  std::thread thread_;
};

}  // namespace futured::rpc
