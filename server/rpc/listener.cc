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
namespace {

constexpr int kPauseMilliseconds = 100;
constexpr int kAcceptsInARow = 64;

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

bool out_of_resources(int error) { return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM; }

void watch(const Descriptor& epoll, int descriptor, std::uint32_t what) {
  epoll_event event{};
  event.events = what;
  event.data.fd = descriptor;
  epoll_ctl(epoll.get(), EPOLL_CTL_ADD, descriptor, &event);
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

Descriptor::~Descriptor() {
  if (valid()) close(number_);
}

Listener::Listener(Settings settings) : settings_(std::move(settings)) {}

core::Result<ListenAddress> Listener::bind() {
  const auto refuse = [&] {
    return core::failure(core::Code::kInvalidArgument, "cannot listen on " + settings_.address.to_string() + ": " +
                                                           std::generic_category().message(errno));
  };
  Address address{};
  socklen_t length = fill(settings_.address, address);
  Descriptor socket(::socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  Descriptor epoll(epoll_create1(EPOLL_CLOEXEC));
  Descriptor stopping(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!socket.valid() || !epoll.valid() || !stopping.valid()) return refuse();
  const int on = 1;
  setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  // Accepted connections inherit these.
  setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  const auto unread = static_cast<unsigned>(std::min<std::int64_t>(settings_.max_unread.count(), INT_MAX));
  setsockopt(socket.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, &unread, sizeof(unread));
  if (::bind(socket.get(), &address.any, length) != 0 || listen(socket.get(), SOMAXCONN) != 0 ||
      getsockname(socket.get(), &address.any, &length) != 0) {
    return refuse();
  }
  listening_ = std::move(socket);
  epoll_ = std::move(epoll);
  stopping_ = std::move(stopping);
  ListenAddress bound = settings_.address;
  bound.port = ntohs(bound.is_ipv6() ? address.v6.sin6_port : address.v4.sin_port);
  return bound;
}

void Listener::start(Handover handover) {
  handover_ = std::move(handover);
  watch(epoll_, stopping_.get(), EPOLLIN);
  watch(epoll_, listening_.get(), EPOLLIN);
  thread_ = std::thread([this] { run(); });
}

void Listener::stop() {
  if (thread_.joinable()) {
    eventfd_write(stopping_.get(), 1);
    thread_.join();
  }
  listening_ = Descriptor();
}

Listener::Stats Listener::stats() const { return {accepted_, shed_, exhausted_, open_}; }

void Listener::run() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  std::array<epoll_event, 64> events{};
  for (;;) {
    const int ready = epoll_wait(epoll_.get(), events.data(), events.size(), paused_ ? kPauseMilliseconds : -1);
    bool may_accept = false;
    for (int i = 0; i < ready; ++i) {
      const epoll_event& event = events.at(static_cast<std::size_t>(i));
      if (event.data.fd == stopping_.get()) {
        for (const int duplicate : std::exchange(duplicates_, {})) close(duplicate);
        return;
      }
      if (event.data.fd == listening_.get()) {
        may_accept = true;
      } else if ((event.events & EPOLLHUP) != 0) {
        closed(event.data.fd);
      }
    }
    if (paused_) resume();
    if (may_accept) accept_some();
  }
}

void Listener::accept_some() {
  for (int i = 0; i < kAcceptsInARow; ++i) {
    Descriptor connection(accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (connection.valid()) {
      take(std::move(connection));
    } else if (out_of_resources(errno)) {
      return pause();
    } else if (errno == EAGAIN) {
      return;
    }
    // Any other error is one connection's that has gone again.
  }
}

void Listener::take(Descriptor connection) {
  if (duplicates_.size() >= settings_.max_connections) {
    ++shed_;
    return trouble("too many connections; further ones are closed at once");
  }
  Descriptor duplicate(fcntl(connection.get(), F_DUPFD_CLOEXEC, 0));
  if (!duplicate.valid()) {
    ++shed_;
    return pause();
  }
  in_trouble_ = false;
  ++accepted_;
  ++open_;
  // Reports hanging up and errors only, and each once.
  watch(epoll_, duplicate.get(), EPOLLET);
  duplicates_.insert(duplicate.release());
  handover_(listening_.get(), connection.release());
}

void Listener::closed(int duplicate) {
  if (duplicates_.erase(duplicate) == 0) return;
  close(duplicate);
  --open_;
  if (settings_.on_close) settings_.on_close();
}

void Listener::pause() {
  paused_ = true;
  ++exhausted_;
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, listening_.get(), nullptr);
  trouble("out of descriptors; further connections wait");
}

void Listener::resume() {
  paused_ = false;
  watch(epoll_, listening_.get(), EPOLLIN);
}

void Listener::trouble(std::string_view what) {
  if (!in_trouble_ && settings_.on_trouble) settings_.on_trouble(what);
  in_trouble_ = true;
}

}  // namespace futured::rpc
