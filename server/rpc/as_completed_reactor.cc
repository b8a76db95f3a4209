#include "server/rpc/as_completed_reactor.h"

#include <utility>

#include "server/rpc/convert.h"
#include "server/rpc/wire.h"

namespace futured::rpc {
namespace {

// One message carries about this much, so that it stays below what clients read.
constexpr std::size_t kEventsAtOnce = 512;
constexpr std::size_t kBytesAtOnce = std::size_t{1} << 20;

}  // namespace

grpc::ServerWriteReactor<grpc::ByteBuffer>* AsCompletedReactor::start(const Parts& parts, const Caller& caller,
                                                                      grpc::CallbackServerContext& context,
                                                                      std::vector<core::FutureId> ids,
                                                                      std::optional<core::Duration> timeout) {
  return run(
      std::shared_ptr<AsCompletedReactor>(new AsCompletedReactor(parts, caller, context, std::move(ids), timeout)));
}

core::Result<void> AsCompletedReactor::subscribe() {
  auto subscribed = subscribe_to(ids_);
  if (subscribed && timeout_) start_timer(*timeout_);
  return subscribed;
}

void AsCompletedReactor::start_timer(core::Duration timeout) {
  if (timeout.count() == 0) return time_up();
  timer_ = parts_.waiting.timekeeper.schedule(
      parts_.waiting.clock.now() + timeout,
      [self = std::static_pointer_cast<AsCompletedReactor>(shared_from_this())] { self->time_up(); });
}

void AsCompletedReactor::time_up() {
  time_up_.store(true, std::memory_order_release);
  wake();
}

void AsCompletedReactor::leave() {
  if (timer_) parts_.waiting.timekeeper.cancel(*timer_);
}

AsCompletedReactor::Next AsCompletedReactor::prepare(grpc::ByteBuffer& message) {
  // What finishes after the look that follows counts as unfinished.
  const bool time_is_up = time_up_.load(std::memory_order_acquire);
  std::vector<core::Event> events;
  const bool left = parts_.waiting.table.drain(subscriber_, kEventsAtOnce, kBytesAtOnce, events);
  v1::AsCompletedResponse response;
  for (const core::Event& event : events) take(event, response);
  const bool all_told = unfinished_ == 0 && !broken_;
  if (response.completed_size() == 0 && !all_told) {
    if (left) return Next::kLookAgain;
    if (!time_is_up || broken_) return Next::kNothing;
    response.set_unfinished(static_cast<std::uint32_t>(unfinished_));
  }
  serialize(response, message);
  return all_told || response.unfinished() > 0 ? Next::kLast : Next::kMessage;
}

void AsCompletedReactor::take(const core::Event& event, v1::AsCompletedResponse& response) {
  if (event.kind == core::Event::Kind::kStarted) return;
  --unfinished_;
  const core::FutureId id = ids_[event.token];
  if (event.kind == core::Event::Kind::kUnknown) {
    // What comes before it is still sent.
    broken_ = true;
    return end_after_this(parts_.waiting.table.not_found(caller_.account, id));
  }
  v1::CompletedFuture& completed = *response.add_completed();
  completed.set_id(to_string(id));
  completed.set_state(to_proto(event.outcome.state));
  *completed.mutable_outcome() = to_proto(event.outcome);
}

}  // namespace futured::rpc
