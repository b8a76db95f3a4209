// Events: /v1/events, the daemon's figures as server-sent events for whoever may list executors.
//
// Figures are collected once a second while somebody listens, once for all. A client that has not read an event when
// its next one is due is dropped.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "server/core/clock.h"
#include "server/http/caller.h"
#include "server/http/event_streams.h"
#include "server/http/figures.h"
#include "server/http/latencies.h"
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
    StreamCount& count;
  };
  Events(const Parts& parts, boost::asio::any_io_executor thread, boost::asio::any_io_executor work);

  // `?interval=5`: seconds between two events, 1 to 3600.
  void handle(Request request, std::shared_ptr<Client> client) override;

 private:
  // Collects and sends to those whose time has come.
  void update();
  void forget_if_nobody_listens();
  // On the thread for work, once at a time.
  std::string collect_event();

  const Parts parts_;
  const boost::asio::any_io_executor thread_;
  const boost::asio::any_io_executor work_;
  const core::Time started_;
  EventStreams streams_;
  // Figures are being collected.
  bool updating_ = false;
  std::uint64_t next_id_ = 1;
  // As the last event knew them; empty while nobody listens. Of the thread for work, while `updating_`.
  std::vector<Latencies> latencies_;
};

}  // namespace futured::http
