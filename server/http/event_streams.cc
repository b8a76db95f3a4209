#include "server/http/event_streams.h"

#include <utility>

#include "server/http/error_json.h"

namespace futured::http {
namespace {

// After so long without an event a comment shows that the connection lives.
constexpr std::chrono::seconds kHeartbeat{15};
constexpr std::chrono::seconds kLongestStream{600};
// Browsers come back after this many milliseconds.
constexpr const char* kGreeting = "retry: 2000\n\n";

}  // namespace

bool StreamCount::take(Client& client) {
  if (open_ < most_) {
    changed(open_ + 1);
    return true;
  }
  Response full =
      error_response(503, "there are " + std::to_string(open_) + " streams of events already, and that is the limit");
  full.headers.emplace_back("Retry-After", "5");
  client.respond(std::move(full));
  return false;
}

void StreamCount::give_back() { changed(open_ - 1); }

void StreamCount::changed(std::size_t open) {
  open_ = open;
  stats_.update([open](HttpCounts& counts) { counts.event_streams = open; });
}

EventStreams::EventStreams(StreamCount& count, HttpStats& stats, const boost::asio::any_io_executor& thread,
                           Settings settings)
    : count_(count), stats_(stats), settings_(std::move(settings)), timer_(thread) {}

void EventStreams::open(const std::shared_ptr<Client>& client, std::uint64_t interval, core::AccountIndex account) {
  if (!count_.take(*client)) return;
  client->begin_stream({200, kEventStream, kGreeting});
  const auto stream = streams_.insert(streams_.end(), {client, interval, account});
  if (settings_.changed) settings_.changed();
  client->when_gone([this, stream] {
    streams_.erase(stream);
    count_.give_back();
    if (settings_.changed) settings_.changed();
  });
  arrange_beat();
}

void EventStreams::arrange_beat() {
  if (beating_ || streams_.empty()) return;
  beating_ = true;
  timer_.expires_after(settings_.beat);
  timer_.async_wait([this](const boost::system::error_code& error) {
    beating_ = false;
    if (error) return;
    beat();
    arrange_beat();
  });
}

void EventStreams::beat() {
  bool somebody = false;
  for (Stream& stream : streams_) {
    if (stream.left > 0) --stream.left;
    ++stream.silent;
    ++stream.age;
    somebody = somebody || stream.left == 0;
  }
  if (somebody) settings_.due();
  for (auto next = streams_.begin(); next != streams_.end();) {
    // Writing may end the stream, and take it out of the list.
    Stream& stream = *next++;
    if (stream.age >= beats(kLongestStream)) {
      const auto client = stream.client;
      client->close();
    } else if (stream.silent >= beats(kHeartbeat)) {
      write(stream, ": heartbeat\n\n");
    }
  }
}

void EventStreams::send(const std::function<std::string(const Stream&)>& text_of) {
  for (auto next = streams_.begin(); next != streams_.end();) {
    Stream& stream = *next++;
    if (stream.left > 0) continue;
    stream.left = stream.interval;
    if (std::string text = text_of(stream); !text.empty()) write(stream, std::move(text));
  }
}

void EventStreams::write(Stream& stream, std::string text) {
  if (stream.client->write(std::move(text))) {
    stream.silent = 0;
    return;
  }
  if (!settings_.drops_slow_readers) return;
  stats_.update([](HttpCounts& counts) { ++counts.slow_readers; });
  const auto client = stream.client;
  client->close();
}

std::uint64_t EventStreams::beats(std::chrono::seconds time) const {
  return static_cast<std::uint64_t>(time / settings_.beat);
}

}  // namespace futured::http
