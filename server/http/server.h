// Server: the daemon over HTTP: metrics, health, calls in JSON, server-sent events, the dashboard.
//
// One thread serves all connections, by epoll, and never does anything slow; another one collects figures and converts
// JSON for it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "server/core/clock.h"
#include "server/core/mutex.h"
#include "server/core/status.h"
#include "server/core/unary_caller.h"
#include "server/http/calls.h"
#include "server/http/connection.h"
#include "server/http/dashboard.h"
#include "server/http/events.h"
#include "server/http/figures.h"
#include "server/http/future_watch.h"
#include "server/http/limits.h"
#include "server/http/page_token.h"
#include "server/http/pages.h"
#include "server/http/router.h"
#include "server/http/task_events.h"

namespace futured::http {

class Server {
 public:
  struct Settings {
    // A numeric address, and a port or 0 for any free one.
    std::string host;
    std::uint16_t port = 0;
    // Further names under which it is called.
    std::vector<std::string> names;
    Limits limits;
    // What Caller proves itself by.
    std::string proof;
    // Told once when connections begin to be refused, and again after there was room in between. On the http thread;
    // must not block.
    std::function<void(std::string_view what)> on_trouble;
  };
  // Not owned; they outlive the server. `ready`: whether work is taken; thread-safe.
  struct Parts {
    core::UnaryCaller& rpc;
    core::StreamCaller& streams;
    const core::Clock& clock;
    Sources sources;
    std::function<bool()> ready;
    // Thread-safe.
    TaskEvents::AccountOf account_of;
  };

  Server(Settings settings, Parts parts);
  // As stop() without waiting. REQUIRES: no call of `rpc` will tell its answer any more.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds; clients may connect from then on, and wait. The failure says what the system says. Once, before start().
  core::Result<void> bind();
  // "127.0.0.1:7071". REQUIRES: bound.
  const std::string& address() const { return address_; }
  // Begins to serve. Once.
  void start();
  // Ends streams and connections without a request, waits until the other requests are answered, or for the deadline,
  // and ends. May be repeated.
  void stop(core::Time deadline) FUTURED_EXCLUDES(mu_);

 private:
  using Tcp = boost::asio::ip::tcp;

  void accept();
  void accepted(Tcp::socket socket);
  void accept_later();
  void closed(Connection* connection) FUTURED_EXCLUDES(mu_);
  void trouble(std::string_view what);

  const Settings settings_;
  const Parts parts_;
  HttpStats stats_;
  BodyBudget budget_;
  std::string address_;

  boost::asio::io_context io_{1};
  boost::asio::thread_pool work_{1};
  Tcp::acceptor acceptor_{io_};
  boost::asio::steady_timer pause_{io_};
  Caller caller_;
  Calls calls_;
  StreamCount streams_;
  Events events_;
  TaskEvents tasks_;
  FutureWatch futures_;
  MetricsHandler metrics_;
  PageHandler health_;
  PageHandler readiness_;
  const PageToken token_;
  Dashboard dashboard_{dashboard_files(), token_.text()};
  Router router_;
  // Of the http thread.
  std::unordered_map<Connection*, std::shared_ptr<Connection>> connections_;
  bool in_trouble_ = false;

  core::Mutex mu_;
  core::CondVar none_;
  std::size_t open_ FUTURED_GUARDED_BY(mu_) = 0;
  bool stopping_ FUTURED_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace futured::http
