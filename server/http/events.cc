#include "server/http/events.h"

#include <boost/asio/post.hpp>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "server/http/error_json.h"
#include "server/http/events_json.h"

namespace futured::http {
namespace asio = boost::asio;
namespace {

constexpr std::uint64_t kLongestInterval = 3600;

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
    : parts_(parts),
      thread_(std::move(thread)),
      work_(std::move(work)),
      started_(parts.clock.now()),
      streams_(parts.count, parts.stats, thread_,
               {.due =
                    [this] {
                      if (!updating_) update();
                    },
                .changed = [this] { forget_if_nobody_listens(); }}) {}

void Events::handle(Request request, std::shared_ptr<Client> client) {
  const auto interval = interval_of(request.query);
  if (!interval) {
    return client->respond(error_response(400, "interval: must be whole seconds from 1 to 3600, as ?interval=5"));
  }
  const bool is_head = request.method == "HEAD";
  parts_.caller.admit_reader(request, client, [this, interval, is_head](const std::shared_ptr<Client>& reader) {
    if (is_head) return reader->respond({200, kEventStream});
    streams_.open(reader, *interval, core::kDaemonAccount);
  });
}

void Events::update() {
  updating_ = true;
  asio::post(work_, [this] {
    asio::post(thread_, [this, data = collect_event()] {
      updating_ = false;
      forget_if_nobody_listens();
      std::string text = "event: figures\nid: " + std::to_string(next_id_++) + "\ndata: " + data + "\n\n";
      streams_.send([&text](const EventStreams::Stream&) { return text; });
    });
  });
}

void Events::forget_if_nobody_listens() {
  if (streams_.all().empty() && !updating_) latencies_.clear();
}

std::string Events::collect_event() {
  const Figures figures = collect(parts_.sources, parts_.stats);
  std::vector<Latencies> latencies = latencies_of(figures.table);
  const std::vector<Latencies> earlier = std::exchange(latencies_, latencies);
  EventAbout about{parts_.clock.wall_time(), parts_.clock.now() - started_, parts_.sources.version, {}};
  if (!earlier.empty()) about.latencies = latencies_since(earlier, std::move(latencies));
  return events_json(figures, about);
}

}  // namespace futured::http
