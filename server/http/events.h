// Events: /v1/events, the daemon's figures as server-sent events for whoever may list executors.
//
// Figures are collected once a second while somebody listens, once for all. A client that has not read an event when
// its next one is due is dropped.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include "server/core/clock.h"
#include "server/http/caller.h"
#include "server/http/figures.h"
#include "server/http/limits.h"
#include "server/http/message.h"

namespace futured::http {

// On the http thread only.
class Events final : public Handler {
 public:
  // Not owned.
  struct Parts {
    const Caller& caller;
    const Sources& sources;
    HttpStats& stats;
    const core::Clock& clock;
    const Limits& limits;
  };
  Events(const Parts& parts, boost::asio::any_io_executor thread, boost::asio::any_io_executor work);

  // `?interval=5`: seconds between two events, 1 to 3600.
  void handle(Request request, std::shared_ptr<Client> client) override;

 private:
  struct Stream {
    std::shared_ptr<Client> client;
    std::uint64_t interval = 1;
    // Ticks until its next event, since it was last written to, and since it was opened.
    std::uint64_t left = 0;
    std::uint64_t silent = 0;
    std::uint64_t age = 0;
  };
  using Streams = std::list<Stream>;

  void open(const std::shared_ptr<Client>& client, std::uint64_t interval);
  void arrange_tick();
  void tick();
  // Collects and sends to those whose time has come.
  void update();
  void send(const std::string& data);
  // Ends the stream, and takes it off the list, if its client does not read.
  void write(Stream& stream, std::string text);
  void count_streams();

  const Parts parts_;
  const boost::asio::any_io_executor thread_;
  const boost::asio::any_io_executor work_;
  boost::asio::steady_timer timer_;
  bool ticking_ = false;
  // Figures are being collected.
  bool updating_ = false;
  std::uint64_t next_id_ = 1;
  Streams streams_;
};

}  // namespace futured::http
