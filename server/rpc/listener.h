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
// of the connection (FIN) is no EPOLLHUP until gRPC has answered it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <thread>
#include <unordered_set>

#include "server/core/status.h"
#include "server/rpc/listen_address.h"

namespace futured::rpc {

// A descriptor that is closed at the end.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();

  int get() const { return number_; }
  int release() {
    const int number = number_;
    number_ = -1;
    return number;
  }
  bool valid() const { return number_ >= 0; }

 private:
  int number_ = -1;
};

class Listener {
 public:
  static constexpr std::uint64_t kDescriptorsPerConnection = 2;

  struct Settings {
    ListenAddress address;
    // Open at once.
    std::size_t max_connections = 1'000;
    // Told once when connections begin to be refused, and again after there was room in between. On the accepting
    // thread; must not block. May be empty.
    std::function<void(std::string_view what)> on_trouble = {};
    // Told when a connection has closed; on the accepting thread, must not block. May be empty.
    std::function<void()> on_close = {};
    // A peer that takes nothing of what was sent to it for so long loses its connection. gRPC's keepalive is content
    // with any sign of life, so who sends but never reads would keep what waits for it in memory for ever. From 1 ms.
    std::chrono::milliseconds max_unread = std::chrono::seconds(40);
  };
  // Takes over a connected, non-blocking socket. On the accepting thread; must not block.
  using Handover = std::function<void(int listening, int connection)>;

  struct Stats {
    std::uint64_t accepted = 0;
    // Closed at once, because there were too many.
    std::uint64_t shed = 0;
    // Times that descriptors ran out.
    std::uint64_t exhausted = 0;
    std::uint64_t open = 0;
  };

  explicit Listener(Settings settings);
  ~Listener() { stop(); }

  // Binds, and says to which address; clients may connect from then on, and wait. kInvalidArgument says what the system
  // says. Once, before start().
  core::Result<ListenAddress> bind();
  // Begins to accept. Once. Connections are handed over until stop() returns.
  void start(Handover handover);
  // Closes the listening socket; connections stay with those who took them. May be repeated.
  void stop();

  // From any thread.
  Stats stats() const;

 private:
  void run();
  // Accepts what waits, up to a number so that closed connections are noticed in between.
  void accept_some();
  void take(Descriptor connection);
  void closed(int duplicate);
  void pause();
  void resume();
  void trouble(std::string_view what);

  const Settings settings_;
  Handover handover_;
  Descriptor listening_;
  Descriptor epoll_;
  Descriptor stopping_;
  // Of the accepting thread: duplicates of connections that are open.
  std::unordered_set<int> duplicates_;
  bool paused_ = false;
  bool in_trouble_ = false;

  std::atomic<std::uint64_t> accepted_{0};
  std::atomic<std::uint64_t> shed_{0};
  std::atomic<std::uint64_t> exhausted_{0};
  std::atomic<std::uint64_t> open_{0};
  std::thread thread_;
};

}  // namespace futured::rpc
