#include "server/http/server.h"

#include <fcntl.h>
#include <pthread.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <csignal>
#include <utility>

namespace futured::http {
namespace asio = boost::asio;
namespace {

constexpr auto kPause = std::chrono::milliseconds(100);

// Signals are for the main thread.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

// No child process is to hold a connection open.
void close_on_exec(int descriptor) { ::fcntl(descriptor, F_SETFD, FD_CLOEXEC); }

HostList hosts_of(const Server::Settings& settings) {
  std::vector<std::string> names = settings.names;
  boost::system::error_code error;
  // All addresses are no name.
  if (!asio::ip::make_address(settings.host, error).is_unspecified()) names.push_back(settings.host);
  return HostList(names);
}

Response text_page(unsigned status, std::string text) { return {status, "text/plain; charset=utf-8", std::move(text)}; }

}  // namespace

Server::Server(Settings settings, Parts parts)
    : settings_(std::move(settings)),
      parts_(std::move(parts)),
      budget_(settings_.limits.max_bodies_size),
      caller_(parts_.rpc, parts_.streams, io_.get_executor(), settings_.proof),
      calls_(caller_, io_.get_executor(), work_.get_executor()),
      streams_(settings_.limits.max_event_streams, stats_),
      events_({caller_, parts_.sources, stats_, parts_.clock, streams_}, io_.get_executor(), work_.get_executor()),
      tasks_({caller_, parts_.sources, stats_, parts_.clock, streams_, parts_.account_of}, io_.get_executor(),
             work_.get_executor()),
      futures_(caller_, streams_, io_.get_executor(), work_.get_executor()),
      metrics_(caller_, parts_.sources, stats_, io_.get_executor(), work_.get_executor()),
      health_([] { return text_page(200, "ok\n"); }),
      readiness_([this] { return parts_.ready() ? text_page(200, "ready\n") : text_page(503, "not ready\n"); }),
      router_(hosts_of(settings_), token_) {
  for (const std::string& path : dashboard_.paths()) router_.add_page(path, dashboard_);
  router_.add_page("/metrics", metrics_);
  router_.add_page("/healthz", health_);
  router_.add_page("/readyz", readiness_);
  router_.add_page("/v1/events", events_);
  router_.add_page("/v1/tasks", tasks_);
  router_.add_pages(FutureWatch::kPrefix, FutureWatch::kSuffix, futures_);
  router_.add_calls(Calls::kPrefix, calls_);
}

Server::~Server() { stop(core::Time::min()); }

core::Result<void> Server::bind() {
  boost::system::error_code error;
  const auto host = asio::ip::make_address(settings_.host, error);
  const Tcp::endpoint endpoint(host, settings_.port);
  const auto refuse = [&] {
    return core::failure(core::Reason::kSettingInvalid, "cannot listen on " + settings_.host + ":" +
                                                            std::to_string(settings_.port) + ": " + error.message());
  };
  if (error) return refuse();
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(Tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) return refuse();
  close_on_exec(acceptor_.native_handle());
  const std::string port = std::to_string(acceptor_.local_endpoint().port());
  address_ = host.is_v6() ? "[" + settings_.host + "]:" + port : settings_.host + ":" + port;
  return {};
}

void Server::start() {
  asio::post(io_, [this] { accept(); });
  thread_ = std::thread([this] {
    block_signals();
    const auto work = asio::make_work_guard(io_);
    io_.run();
  });
}

void Server::stop(core::Time deadline) {
  if (!thread_.joinable()) return;
  asio::post(io_, [this] {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    // Ending takes them out of the map.
    const auto connections = connections_;
    for (const auto& [key, connection] : connections) connection->finish();
    core::MutexLock lock(mu_);
    stopping_ = true;
    none_.notify_all();
  });
  {
    core::MutexLock lock(mu_);
    while ((!stopping_ || open_ > 0) && parts_.clock.now() < deadline) none_.wait_until(mu_, deadline);
  }
  io_.stop();
  thread_.join();
  work_.stop();
  work_.join();
}

void Server::accept() {
  acceptor_.async_accept([this](const boost::system::error_code& error, Tcp::socket socket) {
    if (!acceptor_.is_open()) return;
    if (error == asio::error::no_descriptors || error == asio::error::no_buffer_space ||
        error == asio::error::no_memory || error.value() == ENFILE) {
      return accept_later();
    }
    // Any other error is that of one connection, which has gone again.
    if (!error) accepted(std::move(socket));
    accept();
  });
}

void Server::accept_later() {
  trouble("out of descriptors; further HTTP connections wait");
  pause_.expires_after(kPause);
  pause_.async_wait([this](const boost::system::error_code& error) {
    if (!error) accept();
  });
}

void Server::accepted(Tcp::socket socket) {
  if (connections_.size() >= settings_.limits.max_connections) {
    stats_.update([](HttpCounts& counts) { ++counts.shed; });
    return trouble("too many HTTP connections; further ones are closed at once");
  }
  in_trouble_ = false;
  close_on_exec(socket.native_handle());
  boost::system::error_code ignored;
  socket.set_option(Tcp::no_delay(true), ignored);
  const auto connection =
      std::make_shared<Connection>(std::move(socket), Connection::Parts{settings_.limits, router_, budget_, stats_},
                                   [this](Connection* gone) { closed(gone); });
  connections_.emplace(connection.get(), connection);
  stats_.update([](HttpCounts& counts) {
    ++counts.accepted;
    ++counts.connections;
  });
  {
    core::MutexLock lock(mu_);
    ++open_;
  }
  connection->start();
}

void Server::closed(Connection* connection) {
  connections_.erase(connection);
  stats_.update([](HttpCounts& counts) { --counts.connections; });
  core::MutexLock lock(mu_);
  --open_;
  none_.notify_all();
}

void Server::trouble(std::string_view what) {
  if (!std::exchange(in_trouble_, true) && settings_.on_trouble) settings_.on_trouble(what);
}

}  // namespace futured::http
