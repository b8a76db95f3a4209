// TaskEvents: /v1/tasks, the tasks that go by, as server-sent events for whoever may list executors.
//
// Every 250 ms those who listen are told what ended since, and what runs: once for all of an account, and of the
// futures that it sees. What is shown is a sample, so an event that a slow client misses is no loss.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/core/clock.h"
#include "server/core/task_watch.h"
#include "server/http/caller.h"
#include "server/http/event_streams.h"
#include "server/http/figures.h"
#include "server/http/message.h"

namespace futured::http {

// On the http thread only.
class TaskEvents final : public Handler {
 public:
  // Of each kind in one event.
  static constexpr std::size_t kMost = 500;

  // The account of a caller, by the header that he was let in with. Nothing: he would not be let in again.
  using AccountOf = std::function<std::optional<core::AccountIndex>(std::optional<std::string_view> authorization)>;
  // Not owned.
  struct Parts {
    const Caller& caller;
    const Sources& sources;
    HttpStats& stats;
    const core::Clock& clock;
    StreamCount& count;
    AccountOf account_of;
  };
  TaskEvents(Parts parts, boost::asio::any_io_executor thread, boost::asio::any_io_executor work);

  void handle(Request request, std::shared_ptr<Client> client) override;

 private:
  using Watches = std::map<core::AccountIndex, std::shared_ptr<core::TaskWatch>>;
  using Texts = std::map<core::AccountIndex, std::string>;

  // So that there is a watch for each account that listens, and no other.
  void adjust_watches();
  void update();
  Texts look(const Watches& watches) const;

  const Parts parts_;
  const boost::asio::any_io_executor thread_;
  const boost::asio::any_io_executor work_;
  // Each is used by one thread at a time: the one for work, while `updating_`.
  Watches watches_;
  bool updating_ = false;
  EventStreams streams_;
};

}  // namespace futured::http
