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

AsCompletedReactor::AsCompletedReactor(const Parts& parts, const Caller& caller, grpc::CallbackServerContext& context,
                                       std::vector<core::FutureId> ids)
    : parts_(parts), caller_(caller), context_(context), ids_(std::move(ids)), unfinished_(ids_.size()) {}

grpc::ServerWriteReactor<grpc::ByteBuffer>* AsCompletedReactor::start(const Parts& parts, const Caller& caller,
                                                                      grpc::CallbackServerContext& context,
                                                                      std::vector<core::FutureId> ids,
                                                                      std::optional<core::Duration> timeout) {
  const std::shared_ptr<AsCompletedReactor> reactor(new AsCompletedReactor(parts, caller, context, std::move(ids)));
  reactor->self_ = reactor;
  parts.calls.add(reactor, caller);
  if (const auto subscribed = reactor->subscribe(); !subscribed) {
    reactor->finish(subscribed.error());
    return reactor.get();
  }
  if (timeout) reactor->start_timer(*timeout);
  reactor->proceed();
  return reactor.get();
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* AsCompletedReactor::refuse(const Parts& parts,
                                                                       grpc::CallbackServerContext& context,
                                                                       const core::Status& status) {
  const std::shared_ptr<AsCompletedReactor> reactor(new AsCompletedReactor(parts, Caller(), context, {}));
  reactor->self_ = reactor;
  reactor->finish(status);
  return reactor.get();
}

core::Result<void> AsCompletedReactor::subscribe() {
  auto stream = OpenStream::open(parts_.waiting.table, caller_.account);
  if (!stream) return tl::unexpected(stream.error());
  stream_.emplace(*std::move(stream));
  const auto subscriber = parts_.waiting.table.add_subscriber(shared_from_this(), caller_.account);
  if (!subscriber) return tl::unexpected(subscriber.error());
  subscriber_ = *subscriber;
  std::vector<core::WatchRequest> requests;
  requests.reserve(ids_.size());
  for (const core::FutureId id : ids_) requests.push_back({id, requests.size()});
  return parts_.waiting.table.subscribe(subscriber_, requests, false);
}

void AsCompletedReactor::start_timer(core::Duration timeout) {
  if (timeout.count() == 0) return time_up();
  timer_ = parts_.waiting.timekeeper.schedule(parts_.waiting.clock.now() + timeout,
                                              [self = shared_from_this()] { self->time_up(); });
}

// --- Whatever may come up.

void AsCompletedReactor::time_up() {
  {
    core::MutexLock lock(mu_);
    time_up_ = true;
  }
  wake();
}

void AsCompletedReactor::end(const core::Status& status) {
  {
    core::MutexLock lock(mu_);
    if (!ended_) ended_ = status;
  }
  wake();
}

void AsCompletedReactor::wake() {
  {
    core::MutexLock lock(mu_);
    look_again_ = true;
    if (busy_) return;
    busy_ = true;
  }
  proceed();
}

void AsCompletedReactor::OnWriteDone(bool ok) {
  if (!ok) end({core::Reason::kCallerGone, "the stream broke", {}});
  proceed();
}

void AsCompletedReactor::OnCancel() { end({core::Reason::kCallerGone, "the caller gave up", {}}); }

void AsCompletedReactor::OnDone() {
  stream_.reset();
  parts_.calls.remove(this);
  const auto last = std::move(self_);
}

// --- What the busy one does.

void AsCompletedReactor::proceed() {
  std::vector<core::Event> events;
  for (;;) {
    if (const auto status = ended()) return finish(*status);
    v1::AsCompletedResponse response;
    events.clear();
    const bool left = parts_.waiting.table.drain(subscriber_, kEventsAtOnce, kBytesAtOnce, events);
    for (const core::Event& event : events) take(event, response);
    if (unfinished_ == 0 && !ended()) return finish_with(response);
    if (response.completed_size() > 0) {
      serialize(response, message_);
      return StartWrite(&message_);
    }
    if (left) continue;
    switch (pause()) {
      case Pause::kLookAgain:
        continue;
      case Pause::kIdle:
        return;
      case Pause::kTimeUp:
        response.set_unfinished(static_cast<std::uint32_t>(unfinished_));
        return finish_with(response);
    }
  }
}

AsCompletedReactor::Pause AsCompletedReactor::pause() {
  core::MutexLock lock(mu_);
  if (std::exchange(look_again_, false) || ended_) return Pause::kLookAgain;
  if (time_up_) return Pause::kTimeUp;
  busy_ = false;
  return Pause::kIdle;
}

std::optional<core::Status> AsCompletedReactor::ended() {
  core::MutexLock lock(mu_);
  return ended_;
}

void AsCompletedReactor::take(const core::Event& event, v1::AsCompletedResponse& response) {
  if (event.kind == core::Event::Kind::kStarted) return;
  --unfinished_;
  const core::FutureId id = ids_[event.token];
  if (event.kind == core::Event::Kind::kUnknown) {
    // What comes before it is still sent.
    const auto status = parts_.waiting.table.not_found(caller_.account, id);
    core::MutexLock lock(mu_);
    if (!ended_) ended_ = status;
    return;
  }
  v1::CompletedFuture& completed = *response.add_completed();
  completed.set_id(to_string(id));
  completed.set_state(to_proto(event.outcome.state));
  *completed.mutable_outcome() = to_proto(event.outcome);
}

void AsCompletedReactor::unsubscribe() {
  if (timer_) parts_.waiting.timekeeper.cancel(*timer_);
  if (subscriber_ != core::kNoSubscriber) parts_.waiting.table.remove_subscriber(subscriber_);
}

void AsCompletedReactor::finish(const core::Status& status) {
  unsubscribe();
  Finish(to_grpc(status, context_));
}

void AsCompletedReactor::finish_with(const v1::AsCompletedResponse& last) {
  unsubscribe();
  serialize(last, message_);
  StartWriteAndFinish(&message_, grpc::WriteOptions(), grpc::Status::OK);
}

}  // namespace futured::rpc
