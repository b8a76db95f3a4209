// EventStreams: the clients of one page of server-sent events, and the beat at which they are told something.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include "server/core/account.h"
#include "server/http/http_stats.h"
#include "server/http/message.h"

namespace futured::http {

inline constexpr const char* kEventStream = "text/event-stream";

// How many streams of events there are, of all pages. On the http thread only.
class StreamCount {
 public:
  // Not owned.
  StreamCount(std::size_t most, HttpStats& stats) : most_(most), stats_(stats) {}
  // Counts one more, which is given back. False: there are too many, and the client was told so.
  bool take(Client& client);
  void give_back();

 private:
  void changed(std::size_t open);

  const std::size_t most_;
  HttpStats& stats_;
  std::size_t open_ = 0;
};

// On the http thread only.
class EventStreams {
 public:
  struct Stream {
    std::shared_ptr<Client> client;
    // Beats between two events; whose stream it is, where that counts.
    std::uint64_t interval = 1;
    core::AccountIndex account = core::kDaemonAccount;
    // Beats until its next event, since it was last written to, and since it was opened.
    std::uint64_t left = 0;
    std::uint64_t silent = 0;
    std::uint64_t age = 0;
  };
  struct Settings {
    std::chrono::milliseconds beat{1000};
    // A client that has not read an event when its next one is due: is dropped, or misses that.
    bool drops_slow_readers = true;
    // Called in each beat in which something is due; see send().
    std::function<void()> due;
    // Called when a stream has been opened, or has ended. May be empty.
    std::function<void()> changed = {};
  };

  // Not owned.
  EventStreams(StreamCount& count, HttpStats& stats, const boost::asio::any_io_executor& thread, Settings settings);

  // Answers with a stream, or with why there is none. It ends after ten minutes: its client comes back, and whether it
  // still may listen is asked again.
  void open(const std::shared_ptr<Client>& client, std::uint64_t interval, core::AccountIndex account);
  // Writes to those whose time has come.
  void send(const std::function<std::string(const Stream&)>& text_of);
  const std::list<Stream>& all() const { return streams_; }

 private:
  void arrange_beat();
  void beat();
  // Ends the stream, and takes it off the list, if its client does not read and is to be dropped.
  void write(Stream& stream, std::string text);
  std::uint64_t beats(std::chrono::seconds time) const;

  StreamCount& count_;
  HttpStats& stats_;
  const Settings settings_;
  boost::asio::steady_timer timer_;
  bool beating_ = false;
  std::list<Stream> streams_;
};

}  // namespace futured::http
