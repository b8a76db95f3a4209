#include "server/rpc/stream_reactor.h"

#include <utility>

#include "server/rpc/convert.h"

namespace futured::rpc {
namespace {

// Ends before it has begun.
class RefusedStream final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  explicit RefusedStream(const grpc::Status& status) { Finish(status); }
  void OnDone() override { delete this; }
};

}  // namespace

grpc::ServerWriteReactor<grpc::ByteBuffer>* StreamReactor::refuse(grpc::CallbackServerContext& context,
                                                                  const core::Status& status) {
  return new RefusedStream(to_grpc(status, context));
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* StreamReactor::run(const std::shared_ptr<StreamReactor>& reactor) {
  reactor->self_ = reactor;
  reactor->parts_.calls.add(reactor, reactor->caller_);
  if (const auto subscribed = reactor->subscribe(); !subscribed) {
    reactor->finish(subscribed.error());
  } else {
    reactor->proceed();
  }
  return reactor.get();
}

core::Result<void> StreamReactor::subscribe_to(const std::vector<core::FutureId>& ids) {
  auto stream = OpenStream::open(parts_.waiting.table, caller_.account);
  if (!stream) return tl::unexpected(stream.error());
  stream_.emplace(*std::move(stream));
  const auto subscriber = parts_.waiting.table.add_subscriber(shared_from_this(), caller_.account);
  if (!subscriber) return tl::unexpected(subscriber.error());
  subscriber_ = *subscriber;
  return parts_.waiting.table.subscribe(subscriber_, requests_of(ids), false);
}

std::vector<core::WatchRequest> StreamReactor::requests_of(const std::vector<core::FutureId>& ids) {
  std::vector<core::WatchRequest> requests;
  requests.reserve(ids.size());
  for (const core::FutureId id : ids) requests.push_back({id, requests.size()});
  return requests;
}

// --- Whatever may come up.

void StreamReactor::end(const core::Status& status) {
  {
    core::MutexLock lock(mu_);
    if (!ended_) ended_ = status;
  }
  wake();
}

void StreamReactor::wake() {
  {
    core::MutexLock lock(mu_);
    look_again_ = true;
    if (busy_) return;
    busy_ = true;
  }
  proceed();
}

void StreamReactor::OnWriteDone(bool ok) {
  if (!ok) end({core::Reason::kCallerGone, "the stream broke", {}});
  proceed();
}

void StreamReactor::OnCancel() { end({core::Reason::kCallerGone, "the caller gave up", {}}); }

void StreamReactor::OnDone() {
  stream_.reset();
  parts_.calls.remove(this);
  const auto last = std::move(self_);
}

// --- What the busy one does.

void StreamReactor::proceed() {
  for (;;) {
    if (const auto status = ended()) return finish(*status);
    switch (prepare(message_)) {
      case Next::kMessage:
        return StartWrite(&message_);
      case Next::kLast:
        unsubscribe();
        return StartWriteAndFinish(&message_, grpc::WriteOptions(), grpc::Status::OK);
      case Next::kNothing:
        if (become_idle()) return;
        break;
      case Next::kLookAgain:
        break;
    }
  }
}

bool StreamReactor::become_idle() {
  core::MutexLock lock(mu_);
  if (std::exchange(look_again_, false) || ended_) return false;
  busy_ = false;
  return true;
}

std::optional<core::Status> StreamReactor::ended() {
  core::MutexLock lock(mu_);
  return ended_;
}

void StreamReactor::end_after_this(const core::Status& status) {
  core::MutexLock lock(mu_);
  if (!ended_) ended_ = status;
}

void StreamReactor::unsubscribe() {
  leave();
  if (subscriber_ != core::kNoSubscriber) parts_.waiting.table.remove_subscriber(subscriber_);
}

void StreamReactor::finish(const core::Status& status) {
  unsubscribe();
  Finish(to_grpc(status, context_));
}

}  // namespace futured::rpc
