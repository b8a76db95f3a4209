#include "server/http/events.h"

#include <boost/asio/post.hpp>
#include <charconv>
#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

#include "server/http/error_json.h"
#include "server/http/events_json.h"

namespace futured::http {
namespace asio = boost::asio;
namespace {

constexpr const char* kEventStream = "text/event-stream";
constexpr auto kTick = std::chrono::seconds(1);
constexpr std::uint64_t kLongestInterval = 3600;
// After so many ticks without an event a comment shows that the connection lives.
constexpr std::uint64_t kHeartbeat = 15;
// A stream ends after so many ticks: its client comes back, and whether it still may listen is asked again.
constexpr std::uint64_t kLongestStream = 600;
// Browsers come back after this many milliseconds.
constexpr const char* kGreeting = "retry: 2000\n\n";

// Nothing: it is none.
std::optional<std::uint64_t> interval_of(std::string_view query) {
  constexpr std::string_view kName = "interval=";
  if (query.empty()) return 1;
  if (!query.starts_with(kName)) return std::nullopt;
  query.remove_prefix(kName.size());
  std::uint64_t seconds = 0;
  const auto [end, error] = std::from_chars(query.data(), query.data() + query.size(), seconds);
  if (error != std::errc() || end != query.data() + query.size()) return std::nullopt;
  if (seconds == 0 || seconds > kLongestInterval) return std::nullopt;
  return seconds;
}

}  // namespace

Events::Events(const Parts& parts, asio::any_io_executor thread, asio::any_io_executor work)
    : parts_(parts), thread_(std::move(thread)), work_(std::move(work)), timer_(thread_) {}

void Events::handle(Request request, std::shared_ptr<Client> client) {
  const auto interval = interval_of(request.query);
  if (!interval) {
    return client->respond(error_response(400, "interval: must be whole seconds from 1 to 3600, as ?interval=5"));
  }
  const bool is_head = request.method == "HEAD";
  parts_.caller.admit_reader(request, client, [this, interval, is_head](const std::shared_ptr<Client>& reader) {
    if (is_head) return reader->respond({200, kEventStream});
    open(reader, *interval);
  });
}

void Events::open(const std::shared_ptr<Client>& client, std::uint64_t interval) {
  if (streams_.size() >= parts_.limits.max_event_streams) {
    Response full = error_response(
        503, "there are " + std::to_string(streams_.size()) + " streams of events already, and that is the limit");
    full.headers.emplace_back("Retry-After", "5");
    return client->respond(std::move(full));
  }
  client->begin_stream({200, kEventStream, kGreeting});
  const auto stream = streams_.insert(streams_.end(), {client, interval});
  count_streams();
  client->when_gone([this, stream] {
    streams_.erase(stream);
    count_streams();
  });
  arrange_tick();
}

void Events::arrange_tick() {
  if (ticking_ || streams_.empty()) return;
  ticking_ = true;
  timer_.expires_after(kTick);
  timer_.async_wait([this](const boost::system::error_code& error) {
    ticking_ = false;
    if (error) return;
    tick();
    arrange_tick();
  });
}

void Events::tick() {
  bool somebody = false;
  for (Stream& stream : streams_) {
    if (stream.left > 0) --stream.left;
    ++stream.silent;
    ++stream.age;
    somebody = somebody || stream.left == 0;
  }
  if (somebody && !updating_) update();
  for (auto next = streams_.begin(); next != streams_.end();) {
    // Writing may end the stream, and take it out of the list.
    Stream& stream = *next++;
    if (stream.age >= kLongestStream) {
      const auto client = stream.client;
      client->close();
    } else if (stream.silent >= kHeartbeat) {
      write(stream, ": heartbeat\n\n");
    }
  }
}

void Events::update() {
  updating_ = true;
  asio::post(work_, [this] {
    auto data = events_json(collect(parts_.sources, parts_.stats), parts_.clock.wall_time());
    asio::post(thread_, [this, data = std::move(data)] {
      updating_ = false;
      send(data);
    });
  });
}

void Events::send(const std::string& data) {
  const std::string text = "event: figures\nid: " + std::to_string(next_id_++) + "\ndata: " + data + "\n\n";
  for (auto next = streams_.begin(); next != streams_.end();) {
    Stream& stream = *next++;
    if (stream.left > 0) continue;
    stream.left = stream.interval;
    write(stream, text);
  }
}

void Events::write(Stream& stream, std::string text) {
  stream.silent = 0;
  if (stream.client->write(std::move(text))) return;
  parts_.stats.update([](HttpCounts& counts) { ++counts.slow_readers; });
  const auto client = stream.client;
  client->close();
}

void Events::count_streams() {
  parts_.stats.update([this](HttpCounts& counts) { counts.event_streams = streams_.size(); });
}

}  // namespace futured::http
