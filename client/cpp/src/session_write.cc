// What a session says: which message is written next, and when a stream is opened and ended.
#include <algorithm>
#include <utility>

#include "session.h"

namespace futured::detail {
namespace {

// While this many messages with calls are not accepted, a small one waits and grows.
constexpr std::size_t kMaxSmallMessages = 4;
constexpr std::size_t kLargeTasks = 512;
constexpr std::size_t kLargeBytes = 256 << 10;
constexpr std::size_t kMaxWatchedPerMessage = 100'000;
constexpr int kMaxAttachesPerMessage = 10'000;
// Room for everything of a message but its calls.
constexpr std::size_t kMessageFrame = 512 << 10;
// Outcomes are acknowledged with the next message; without one, after so many or so long.
constexpr std::size_t kMaxUnacknowledged = 1024;
constexpr std::size_t kMaxUnacknowledgedBytes = 1 << 20;
constexpr auto kFirstBackoff = std::chrono::milliseconds(100);
constexpr auto kLastBackoff = std::chrono::milliseconds(5000);

// Trying again would end the same way.
bool is_fatal(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::ABORTED:
    case grpc::StatusCode::NOT_FOUND:
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::FAILED_PRECONDITION:
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::UNAUTHENTICATED:
    case grpc::StatusCode::UNIMPLEMENTED:
      return true;
    default:
      return false;
  }
}

}  // namespace

void Session::plan(Effects& effects) {
  if (!stream_) {
    if (!wants_stream()) {
      drop_calls(effects);
    } else if (!reconnect_armed_) {
      open(effects);
    }
    return;
  }
  Stream& stream = *stream_;
  if (stream.writing || stream.broken || stream.half_closed) return;
  if (const v1::SessionRequest* message = compose(stream, effects)) {
    effects.write = Effects::Write::kMessage;
    effects.message = message;
  } else if (is_over()) {
    effects.write = Effects::Write::kHalfClose;
    stream.half_closed = true;
  } else {
    return;
  }
  stream.writing = true;
  effects.stream = stream_;
}

void Session::drop_calls(Effects& effects) {
  if (outbox_.tasks() == 0) return;
  outbox_.clear(nullptr);
  effects.window_opened = true;
}

void Session::open(Effects& effects) {
  stream_ = std::make_shared<Stream>(shared_from_this());
  ++connections_;
  if (!unreachable_since_) unreachable_since_ = Clock::now();
  arm_give_up(effects);
  effects.message = compose(*stream_, effects);
  effects.write = Effects::Write::kStart;
  effects.stream = stream_;
}

const v1::SessionRequest* Session::compose(Stream& stream, Effects& effects) {
  in_flight_ = next_batch(effects);
  bool something = in_flight_ != nullptr;
  if (!something) control_.Clear();
  v1::SessionRequest& request = something ? in_flight_->request : control_;
  if (!stream.greeted) {
    stream.greeted = something = true;
    greet(request);
  }
  something |= add_watched(request);
  something |= add_attaches(request);
  something |= add_observed(request);
  something |= add_cancels(request);
  something |= add_acknowledgement(request, !something);
  return something ? &request : nullptr;
}

bool Session::has_lists() {
  while (!attaches_.empty() && !attached_.contains(attaches_.front())) attaches_.pop_front();
  return !watched_.empty() || !attaches_.empty() || !observed_attached_.empty();
}

Batch* Session::next_batch(Effects& effects) {
  // Many of them, and many calls, would make too large a message.
  if (has_lists()) return nullptr;
  while (may_send_calls()) {
    if (outbox_.front().size() > Outbox::kMaxBytes) {
      // A single large call, which could break the stream: the limits must be known first.
      if (!stream_->welcomed) return nullptr;
      if (refuse_too_large(outbox_.front(), effects)) continue;
    }
    if (Batch* batch = outbox_.next()) return batch;
    effects.window_opened = true;
  }
  return nullptr;
}

bool Session::refuse_too_large(const Batch& call, Effects& effects) {
  if (max_arguments_size_ > 0 && call.bytes > max_arguments_size_) {
    refuse(call.first, grpc::StatusCode::INVALID_ARGUMENT,
           "the arguments take " + std::to_string(call.bytes) + " bytes; the daemon accepts " +
               std::to_string(max_arguments_size_),
           {"ARGUMENTS_TOO_LARGE", {}, {}}, effects);
  } else if (max_message_size_ > 0 && call.size() + kMessageFrame > max_message_size_) {
    refuse(call.first, grpc::StatusCode::INVALID_ARGUMENT,
           "with its options and the name of the function it takes " + std::to_string(call.size()) +
               " bytes; the daemon reads messages of " + std::to_string(max_message_size_),
           {"FIELD_INVALID", {}, "submits.options"}, effects);
  } else {
    return false;
  }
  outbox_.drop_front();
  effects.window_opened = true;
  return true;
}

bool Session::may_send_calls() const {
  if (refused_ || !outbox_.has_unsent()) return false;
  const Batch& front = outbox_.front();
  return outbox_.sent_messages() < kMaxSmallMessages || front.tasks >= kLargeTasks || front.size() >= kLargeBytes;
}

void Session::greet(v1::SessionRequest& request) {
  v1::SessionHello& hello = *request.mutable_hello();
  hello.set_session(id_.text());
  hello.set_executor(options_.executor);
  hello.set_max_workers(static_cast<std::uint32_t>(options_.max_workers.value_or(0)));
}

bool Session::add_watched(v1::SessionRequest& request) {
  if (watched_.empty()) return false;
  const std::size_t count = std::min(watched_.size(), kMaxWatchedPerMessage);
  const auto end = watched_.begin() + static_cast<std::ptrdiff_t>(count);
  request.mutable_watched()->Assign(watched_.begin(), end);
  watched_.erase(watched_.begin(), end);
  return true;
}

bool Session::add_attaches(v1::SessionRequest& request) {
  bool something = false;
  while (!attaches_.empty() && request.attaches_size() < kMaxAttachesPerMessage) {
    const std::uint64_t counter = attaches_.front();
    attaches_.pop_front();
    const auto found = attached_.find(counter);
    if (found == attached_.end()) continue;
    v1::SessionAttach& attach = *request.add_attaches();
    attach.set_counter(counter);
    attach.set_id(found->second);
    something = true;
  }
  return something;
}

bool Session::add_cancels(v1::SessionRequest& request) {
  if (cancels_.empty() || !attaches_.empty()) return false;
  const auto first_unsent = outbox_.first_unsent();
  bool something = false;
  std::size_t counters = 0;
  for (auto& [number, call] : cancels_) {
    const bool too_early =
        (first_unsent && *first_unsent <= call->highest) || (refused_ && outbox_.certain_from() <= call->highest);
    if (call->sent || too_early) continue;
    // The daemon goes through all it has for one that names none.
    counters += call->message.all() ? kMaxCancelled : static_cast<std::size_t>(call->message.counters_size());
    if (something && counters > kMaxCancelled) break;
    call->sent = something = true;
    *request.add_cancels() = call->message;
  }
  return something;
}

bool Session::add_acknowledgement(v1::SessionRequest& request, bool alone) {
  if (unacknowledged_ == 0) return false;
  if (alone && !acknowledge_due_ && !refused_ && !is_over() && unacknowledged_ < kMaxUnacknowledged &&
      unacknowledged_bytes_ < kMaxUnacknowledgedBytes) {
    return false;
  }
  request.set_acknowledged(last_sequence_);
  unacknowledged_ = unacknowledged_bytes_ = 0;
  acknowledge_due_ = false;
  return true;
}

void Session::on_written(Stream& stream, bool ok) {
  Effects effects;
  {
    const Lock lock(mutex_);
    stream.writing = false;
    if (!ok) stream.broken = true;
    in_flight_ = nullptr;
    settle(effects);
    retry_refused(effects);
    release_when_over(stream, effects);
    plan(effects);
  }
  perform(effects);
}

void Session::on_read_ended(Stream& stream) {
  Effects effects;
  {
    const Lock lock(mutex_);
    stream.read_ended = stream.broken = true;
    release_when_over(stream, effects);
  }
  perform(effects);
}

void Session::release_when_over(Stream& stream, Effects& effects) {
  if (!stream.read_ended || stream.writing || stream.released) return;
  stream.released = true;
  effects.released = stream.shared_from_this();
}

void Session::on_stream_done(Stream& stream, const grpc::Status& status) {
  const bool refused = status.error_code() == grpc::StatusCode::UNAUTHENTICATED;
  const bool try_again = !is_fatal(status) || (refused && connector_.has_newer(stream.credentials()));
  Effects effects;
  {
    const Lock lock(mutex_);
    if (stream_.get() == &stream) lose_stream(status, try_again, effects);
  }
  perform(effects);
}

void Session::on_disconnected() {
  Effects effects;
  {
    const Lock lock(mutex_);
    --connections_;
    effects.changed = true;
  }
  perform(effects);
}

void Session::lose_stream(const grpc::Status& status, bool try_again, Effects& effects) {
  stream_ = nullptr;
  rewind(effects);
  if (broken_) return;
  if (!try_again) {
    break_all(
        {false, "the daemon ended the session: " + status.error_message(), refusal_of(status), status.error_code()},
        effects);
    return;
  }
  if (!wants_stream()) {
    unreachable_since_.reset();
    failures_ = 0;
    return;
  }
  if (!unreachable_since_) unreachable_since_ = Clock::now();
  last_failure_ = status.error_message();
  last_refusal_ = refusal_of(status);
  reconnect_armed_ = true;
  // A daemon that says when to come back knows better.
  effects.reconnect = std::max<Clock::duration>(backoff(), with_jitter(last_refusal_.retry_delay, jitter_));
  arm_give_up(effects);
}

void Session::arm_give_up(Effects& effects) {
  if (give_up_armed_) return;
  give_up_armed_ = true;
  effects.give_up = *unreachable_since_ + options_.reconnect_timeout - Clock::now();
}

void Session::rewind(Effects& effects) {
  in_flight_ = nullptr;
  outbox_.requeue([this](std::uint64_t counter) { return counter > settled_through_ && table_.find(counter); });
  outbox_.forget_refusal();
  refused_ = retry_due_ = false;
  heard_through_ = 0;
  last_sequence_ = 0;
  unacknowledged_ = unacknowledged_bytes_ = 0;
  acknowledge_due_ = false;

  watched_.clear();
  attaches_.clear();
  observed_.clear();
  observed_attached_.clear();
  const auto first_unsent = outbox_.first_unsent();
  table_.for_each([&](const StatePtr& state) {
    if (state->attached()) {
      attaches_.push_back(state->counter);
    } else if (!first_unsent || state->counter < *first_unsent) {
      watched_.push_back(state->counter);
    }
    if (state->has_progress_callbacks()) observe(*state);
  });
  for (auto& [request, call] : cancels_) call->sent = false;
  if (table_.empty()) drop_cancels(effects);
  effects.window_opened = true;
}

Session::Clock::duration Session::backoff() {
  const auto longest = std::min(kLastBackoff, kFirstBackoff * (1 << std::min(failures_, 6)));
  ++failures_;
  return std::chrono::milliseconds(
      std::uniform_int_distribution<std::int64_t>(longest.count() / 2, longest.count())(jitter_));
}

void Session::on_acknowledge_timer() {
  Effects effects;
  {
    const Lock lock(mutex_);
    acknowledge_armed_ = false;
    acknowledge_due_ = unacknowledged_ > 0;
    plan(effects);
  }
  perform(effects);
}

void Session::on_reconnect_timer() {
  Effects effects;
  {
    const Lock lock(mutex_);
    reconnect_armed_ = false;
    plan(effects);
  }
  perform(effects);
}

void Session::on_give_up_timer() {
  Effects effects;
  {
    const Lock lock(mutex_);
    give_up_armed_ = false;
    if (!unreachable_since_ || !wants_stream()) return;
    const auto left = *unreachable_since_ + options_.reconnect_timeout - Clock::now();
    if (left > Clock::duration::zero()) {
      arm_give_up(effects);
    } else {
      break_all({true,
                 "no connection to " + connector_.address() + " for " +
                     std::to_string(options_.reconnect_timeout.count()) + " ms: " + last_failure_,
                 last_refusal_, grpc::StatusCode::OK},
                effects);
    }
  }
  perform(effects);
}

}  // namespace futured::detail
