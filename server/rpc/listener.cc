#include "server/rpc/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <system_error>
#include <utility>

namespace futured::rpc {

using std::chrono::steady_clock;

namespace {

constexpr int kPauseMilliseconds = 100;
constexpr int kAcceptsInARow = 64;
// At each connection, within the time that it may be unread.
constexpr int kLooks = 4;

union Address {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

socklen_t fill(const ListenAddress& from, Address& to) {
  if (from.is_ipv6()) {
    to.v6 = {};
    to.v6.sin6_family = AF_INET6;
    to.v6.sin6_port = htons(from.port);
    inet_pton(AF_INET6, from.host.c_str(), &to.v6.sin6_addr);
    return sizeof(to.v6);
  }
  to.v4 = {};
  to.v4.sin_family = AF_INET;
  to.v4.sin_port = htons(from.port);
  inet_pton(AF_INET, from.host.c_str(), &to.v4.sin_addr);
  return sizeof(to.v4);
}

// As errno says.
tl::unexpected<core::Status> refuse(const std::string& name) {
  return core::failure(core::Reason::kSettingInvalid,
                       "cannot listen on " + name + ": " + std::generic_category().message(errno));
}

bool out_of_resources(int error) { return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM; }

void watch(const Descriptor& epoll, int descriptor, std::uint32_t what) {
  epoll_event event{};
  event.events = what;
  event.data.fd = descriptor;
  epoll_ctl(epoll.get(), EPOLL_CTL_ADD, descriptor, &event);
}

}  // namespace

Listener::Listener(Settings settings) : settings_(std::move(settings)) {}

core::Result<std::vector<ListenAddress>> Listener::bind() {
  Descriptor epoll(epoll_create1(EPOLL_CLOEXEC));
  Descriptor stopping(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!epoll.valid() || !stopping.valid()) return refuse("anywhere");
  std::vector<ListenAddress> bound;
  for (const ListenAddress& address : settings_.addresses) {
    Socket socket{address};
    const auto done = address.is_unix() ? bind_unix(socket) : bind_tcp(socket);
    if (!done) return tl::unexpected(done.error());
    if (listen(socket.get(), SOMAXCONN) != 0) return refuse(address.to_string());
    bound.push_back(socket.address);
    sockets_.push_back(std::move(socket));
  }
  epoll_ = std::move(epoll);
  stopping_ = std::move(stopping);
  return bound;
}

core::Result<void> Listener::bind_unix(Socket& socket) const {
  auto bound = UnixSocket::bind(socket.address.host, settings_.unix_access);
  if (!bound) return tl::unexpected(bound.error());
  socket.unix.emplace(*std::move(bound));
  return {};
}

core::Result<void> Listener::bind_tcp(Socket& socket) const {
  Address address{};
  socklen_t length = fill(socket.address, address);
  socket.tcp = Descriptor(::socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const std::string name = socket.address.to_string();
  if (!socket.tcp.valid()) return refuse(name);
  const int on = 1;
  setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  // Accepted connections inherit it.
  setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (::bind(socket.get(), &address.any, length) != 0 || getsockname(socket.get(), &address.any, &length) != 0) {
    return refuse(name);
  }
  socket.address.port = ntohs(socket.address.is_ipv6() ? address.v6.sin6_port : address.v4.sin_port);
  return {};
}

void Listener::start(Handover handover) {
  handover_ = std::move(handover);
  watch(epoll_, stopping_.get(), EPOLLIN);
  for (const Socket& socket : sockets_) watch(epoll_, socket.get(), EPOLLIN);
  thread_ = std::thread([this] { run(); });
}

void Listener::stop() {
  if (thread_.joinable()) {
    eventfd_write(stopping_.get(), 1);
    thread_.join();
  }
  sockets_.clear();
}

Listener::Stats Listener::stats() const { return {accepted_, shed_, refused_, unread_, exhausted_, open_}; }

void Listener::run() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  std::array<epoll_event, 64> events{};
  for (;;) {
    const int ready = epoll_wait(epoll_.get(), events.data(), events.size(), patience());
    std::vector<const Socket*> to_accept;
    for (int i = 0; i < ready; ++i) {
      const epoll_event& event = events.at(static_cast<std::size_t>(i));
      if (event.data.fd == stopping_.get()) {
        for (const auto& [duplicate, connection] : std::exchange(connections_, {})) close(duplicate);
        return;
      }
      if (const Socket* socket = socket_of(event.data.fd)) {
        to_accept.push_back(socket);
      } else if ((event.events & EPOLLHUP) != 0) {
        closed(event.data.fd);
      }
    }
    end_unread();
    if (paused_) resume();
    // After those that have closed, which make room.
    for (const Socket* socket : to_accept) accept_some(*socket);
  }
}

const Listener::Socket* Listener::socket_of(int descriptor) const {
  const auto found = std::ranges::find(sockets_, descriptor, &Socket::get);
  return found == sockets_.end() ? nullptr : &*found;
}

void Listener::accept_some(const Socket& socket) {
  for (int i = 0; i < kAcceptsInARow; ++i) {
    Descriptor connection(accept4(socket.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (connection.valid()) {
      take(socket, std::move(connection));
    } else if (out_of_resources(errno)) {
      return pause();
    } else if (errno == EAGAIN) {
      return;
    }
    // Any other error is one connection's that has gone again.
  }
}

void Listener::take(const Socket& socket, Descriptor connection) {
  if (connections_.size() >= settings_.max_connections) {
    ++shed_;
    return trouble("too many connections; further ones are closed at once");
  }
  Descriptor duplicate(fcntl(connection.get(), F_DUPFD_CLOEXEC, 0));
  if (!duplicate.valid()) {
    ++shed_;
    return pause();
  }
  if (socket.unix) connection = admit(std::move(connection));
  if (!connection.valid()) return;
  in_trouble_ = false;
  ++accepted_;
  ++open_;
  // Reports hanging up and errors only, and each once.
  watch(epoll_, duplicate.get(), EPOLLET);
  const int number = socket.unix ? connection.get() : -1;
  connections_.emplace(duplicate.release(), Connection{number, ReadProgress(steady_clock::now())});
  handover_(socket.address.kind, socket.get(), connection.release());
}

Descriptor Listener::admit(Descriptor connection) {
  auto admitted = settings_.unix_peers->take(std::move(connection));
  if (admitted) return *std::move(admitted);
  const bool refused = admitted.error().reason == core::Reason::kPermissionDenied;
  ++(refused ? refused_ : shed_);
  trouble(admitted.error().message);
  return {};
}

void Listener::closed(int duplicate) {
  const auto found = connections_.find(duplicate);
  if (found == connections_.end()) return;
  if (settings_.unix_peers != nullptr) settings_.unix_peers->closed(found->second.unix_number);
  connections_.erase(found);
  close(duplicate);
  --open_;
  if (settings_.on_close) settings_.on_close();
}

int Listener::patience() const {
  if (paused_) return kPauseMilliseconds;
  if (connections_.empty()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(looked_at_ + look_interval() - steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, INT_MAX));
}

std::chrono::milliseconds Listener::look_interval() const {
  return std::max(settings_.max_unread / kLooks, std::chrono::milliseconds(1));
}

// gRPC finds the socket shut down, and closes it.
void Listener::end_unread() {
  const auto now = steady_clock::now();
  if (now < looked_at_ + look_interval()) return;
  looked_at_ = now;
  for (auto& [duplicate, connection] : connections_) {
    if (now - connection.progress.stopped_since(duplicate, now) < settings_.max_unread) continue;
    ++unread_;
    shutdown(duplicate, SHUT_RDWR);
  }
}

void Listener::pause() {
  paused_ = true;
  ++exhausted_;
  for (const Socket& socket : sockets_) epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, socket.get(), nullptr);
  trouble("out of descriptors; further connections wait");
}

void Listener::resume() {
  paused_ = false;
  for (const Socket& socket : sockets_) watch(epoll_, socket.get(), EPOLLIN);
}

void Listener::trouble(std::string_view what) {
  if (!in_trouble_ && settings_.on_trouble) settings_.on_trouble(what);
  in_trouble_ = true;
}

}  // namespace futured::rpc
