// FutureWatch: /v1/futures/ID/watch, what a future logs and how far it is, as server-sent events: the RPC Watch.
//
//   event: log        the news of it have lines of its log; else, of its state or progress,
//   event: progress
//   data: the WatchResponse, in JSON
//   event: done       it has ended, and all was told; then the stream ends
//
// The next news are asked for when the client has taken those before, so a slow one gets what is new then.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "server/http/caller.h"
#include "server/http/event_streams.h"
#include "server/http/message.h"

namespace futured::http {

// On the http thread only.
class FutureWatch final : public Handler {
 public:
  static constexpr const char* kPrefix = "/v1/futures/";
  static constexpr const char* kSuffix = "/watch";

  // `caller` and `count` are not owned. `work`: the thread for conversions.
  FutureWatch(const Caller& caller, StreamCount& count, boost::asio::any_io_executor thread,
              boost::asio::any_io_executor work);

  // REQUIRES: a path with prefix and suffix.
  void handle(Request request, std::shared_ptr<Client> client) override;

 private:
  // One stream, kept by its call and what that waits for.
  class Stream;

  const Caller& caller_;
  StreamCount& count_;
  const boost::asio::any_io_executor thread_;
  const boost::asio::any_io_executor work_;
};

}  // namespace futured::http
