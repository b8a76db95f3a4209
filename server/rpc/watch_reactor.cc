#include "server/rpc/watch_reactor.h"

#include <cstdint>
#include <limits>

#include "server/rpc/convert.h"
#include "server/rpc/wire.h"

namespace futured::rpc {
namespace {

// One message carries about this much, so that it stays below what clients read.
constexpr std::size_t kEventsAtOnce = 512;
constexpr std::size_t kBytesAtOnce = std::size_t{1} << 20;

}  // namespace

grpc::ServerWriteReactor<grpc::ByteBuffer>* WatchReactor::start(const Parts& parts, const Caller& caller,
                                                                grpc::CallbackServerContext& context, Options options) {
  return run(std::shared_ptr<WatchReactor>(new WatchReactor(parts, caller, context, std::move(options))));
}

WatchReactor::WatchReactor(const Parts& parts, const Caller& caller, grpc::CallbackServerContext& context,
                           Options options)
    : StreamReactor(parts, caller, context),
      options_(std::move(options)),
      watched_(options_.ids.size()),
      unfinished_(options_.ids.size()) {
  for (std::size_t i = 0; i < watched_.size(); ++i) watched_[i].position = options_.positions[i];
}

core::Result<void> WatchReactor::subscribe() {
  auto subscribed = subscribe_to(options_.ids);
  if (subscribed) {
    parts_.waiting.table.observe(subscriber_, requests_of(options_.ids), core::Interest::kEverything);
  }
  return subscribed;
}

void WatchReactor::leave() {
  std::vector<core::Handle> held;
  for (const Watched& watched : watched_) {
    if (watched.held) held.push_back(watched.handle);
  }
  parts_.waiting.table.settle(held);
}

WatchReactor::Next WatchReactor::prepare(grpc::ByteBuffer& message) {
  take_events();
  const v1::WatchResponse response = news_of_marked();
  const bool all_told = unfinished_ == 0 && !broken_;
  if (response.news_size() == 0 && !all_told) return marked_.empty() ? Next::kNothing : Next::kLookAgain;
  serialize(response, message);
  return all_told ? Next::kLast : Next::kMessage;
}

void WatchReactor::take_events() {
  std::vector<core::Event> events;
  for (bool left = true; left && !broken_; events.clear()) {
    left =
        parts_.waiting.table.drain(subscriber_, kEventsAtOnce, std::numeric_limits<std::size_t>::max(), events, true);
    for (const core::Event& event : events) {
      if (event.kind == core::Event::Kind::kUnknown) {
        break_off(event.token);
        continue;
      }
      Watched& watched = watched_[event.token];
      watched.handle = event.handle;
      watched.held = watched.held || event.kind == core::Event::Kind::kFinished;
      mark(event.token);
    }
  }
}

v1::WatchResponse WatchReactor::news_of_marked() {
  v1::WatchResponse response;
  for (std::size_t bytes = 0; !marked_.empty() && !broken_ && bytes < kBytesAtOnce;) {
    const std::size_t index = marked_.front();
    marked_.pop_front();
    watched_[index].marked = false;
    const int before = response.news_size();
    if (!tell(index, response)) mark(index);
    if (response.news_size() > before) bytes += response.news(before).ByteSizeLong();
  }
  return response;
}

bool WatchReactor::tell(std::size_t index, v1::WatchResponse& response) {
  Watched& watched = watched_[index];
  if (watched.done) return true;
  auto news = parts_.waiting.table.news(watched.handle, options_.logs ? &watched.position : nullptr, kBytesAtOnce);
  if (!news) {
    break_off(index);
    return true;
  }
  if (!options_.progress) news->progress = nullptr;
  if (is_new(watched, *news)) {
    *response.add_news() = to_proto(options_.ids[index], *news, WallTime(parts_.waiting.clock));
  }
  watched.told = true;
  watched.state = news->state;
  watched.attempt = news->attempt;
  watched.progress = news->progress;
  watched.position = news->position;
  if (!news->more && (watched.held || !options_.follow)) finish_with(watched);
  return !news->more;
}

bool WatchReactor::is_new(const Watched& watched, const core::FutureNews& news) const {
  return !watched.told || watched.state != news.state || watched.attempt != news.attempt || !news.lines.empty() ||
         watched.position != news.position || (news.progress != nullptr && watched.progress != news.progress);
}

void WatchReactor::mark(std::size_t index) {
  if (std::exchange(watched_[index].marked, true)) return;
  marked_.push_back(index);
}

// All of it is told.
void WatchReactor::finish_with(Watched& watched) {
  watched.done = true;
  --unfinished_;
  if (std::exchange(watched.held, false)) parts_.waiting.table.settle({&watched.handle, 1});
}

void WatchReactor::break_off(std::size_t index) {
  broken_ = true;
  end_after_this(parts_.waiting.table.not_found(caller_.account, options_.ids[index]));
}

}  // namespace futured::rpc
