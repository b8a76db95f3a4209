// What a session hears from the daemon.
#include <algorithm>
#include <utility>

#include "access_error.h"
#include "futured/errors.h"
#include "session.h"

namespace futured::detail {
namespace {

// A message may have thousands of events; who submits meanwhile is let in between.
constexpr int kEventsUnderLock = 128;
constexpr auto kAcknowledgeDelay = std::chrono::milliseconds(75);

bool is_temporary(const v1::SessionRefusal& refusal) {
  return refusal.has_retry_delay() &&
         (refusal.code() == grpc::StatusCode::RESOURCE_EXHAUSTED || refusal.code() == grpc::StatusCode::UNAVAILABLE);
}

}  // namespace

void Session::on_response(Stream& stream, v1::SessionResponse& response) {
  Effects effects;
  {
    Lock lock(mutex_);
    if (response.has_welcome()) {
      stream.welcomed = true;
      hear_welcome(response.welcome());
    }
    // A daemon that only greets, and then breaks the stream whatever is submitted, is out of reach all the same.
    if (!response.has_welcome() || outbox_.tasks() == 0) {
      unreachable_since_.reset();
      failures_ = 0;
    }
    if (response.accepted() > 0) hear_accepted(response.accepted() - 1);
    for (const auto& refusal : response.refusals()) hear_refusal(refusal, effects);
    settle(effects);
    for (auto& events : *response.mutable_events()) hear_events(lock, events, effects);
    for (const auto& answer : response.cancelled()) hear_cancelled(answer, effects);
    retry_refused(effects);
    plan(effects);
  }
  perform(effects);
}

void Session::hear_welcome(const v1::SessionWelcome& welcome) {
  max_arguments_size_ = welcome.max_arguments_size();
  max_message_size_ = welcome.max_message_size();
  restarted_ = restarted_ || (!epoch_.empty() && epoch_ != welcome.epoch());
  epoch_ = welcome.epoch();
}

void Session::hear_accepted(std::uint64_t through) {
  heard_through_ = std::max(heard_through_, through);
  // What is refused for the time being is passed over by the daemon's count, but has to be sent again.
  if (refused_) through = std::min(through, outbox_.certain_from() - 1);
  settled_through_ = std::max(settled_through_, through);
}

void Session::hear_refusal(const v1::SessionRefusal& refusal, Effects& effects) {
  const std::uint64_t last = refusal.first() + refusal.count() - 1;
  // That of an attach says nothing of calls.
  if (!attached_.contains(refusal.first())) heard_through_ = std::max(heard_through_, last);
  if (is_temporary(refusal)) {
    refused_ = true;
    outbox_.refused_from(refusal.first());
    settled_through_ = std::min(settled_through_, refusal.first() - 1);
    if (retry_armed_) return;
    retry_armed_ = true;
    effects.retry = with_jitter(refusal_of(refusal).retry_delay, jitter_);
    return;
  }
  const auto code = static_cast<grpc::StatusCode>(refusal.code());
  for (std::uint64_t counter = refusal.first(); counter <= last; ++counter) {
    refuse(counter, code, refusal.message(), refusal_of(refusal), effects);
  }
  outbox_.settle_finished([this](std::uint64_t counter) { return counter > settled_through_ && table_.find(counter); },
                          in_flight_);
}

void Session::refuse(std::uint64_t counter, grpc::StatusCode code, const std::string& why, Refusal refusal,
                     Effects& effects) {
  StatePtr future = table_.take(counter);
  if (!future) return;
  const std::string text = "the daemon refused the call: " + why;
  std::exception_ptr error = access_error(code, text, refusal);
  if (!error) error = std::make_exception_ptr(Refused(text, std::move(refusal)));
  break_future(std::move(future), std::move(error), effects);
}

void Session::settle(Effects& effects) {
  outbox_.settle_through(settled_through_, in_flight_);
  effects.window_opened |= blocked_submits_ > 0;
}

void Session::retry_refused(Effects& effects) {
  // Answers to calls sent before the delay must not be taken for answers to their repetition.
  const bool all_heard = heard_through_ >= outbox_.sent_through() && in_flight_ == nullptr;
  if (!refused_ || !retry_due_ || !all_heard) return;
  refused_ = retry_due_ = false;
  heard_through_ = outbox_.certain_from() - 1;
  outbox_.requeue([this](std::uint64_t counter) { return counter > settled_through_ && table_.find(counter); });
  effects.window_opened = true;
}

void Session::on_retry_timer() {
  Effects effects;
  {
    const Lock lock(mutex_);
    retry_armed_ = false;
    retry_due_ = refused_;
    retry_refused(effects);
    plan(effects);
  }
  perform(effects);
}

void Session::hear_events(Lock& lock, v1::SessionEvents& events, Effects& effects) {
  last_sequence_ = events.sequence();
  const int count = std::min({events.counters_size(), events.kinds_size(), events.payloads_size()});
  auto reasons = events.mutable_unknown_reasons()->begin();
  const auto no_more = events.mutable_unknown_reasons()->end();
  for (int i = 0; i < count; ++i) {
    if (i % kEventsUnderLock == kEventsUnderLock - 1) {
      lock.unlock();
      lock.lock();
    }
    unacknowledged_bytes_ += events.payloads(i).size();
    const bool has_reason = events.kinds(i) == v1::SESSION_EVENT_KIND_UNKNOWN && reasons != no_more;
    hear_event(events.counters(i), events.kinds(i), events.mutable_payloads(i), has_reason ? &*reasons++ : nullptr,
               effects);
  }
  unacknowledged_ += static_cast<std::size_t>(
      count - std::count(events.kinds().begin(), events.kinds().end(), v1::SESSION_EVENT_KIND_PROGRESS));
  if (acknowledge_armed_ || unacknowledged_ == 0) return;
  acknowledge_armed_ = true;
  effects.acknowledge = kAcknowledgeDelay;
}

void Session::hear_event(std::uint64_t counter, v1::SessionEventKind kind, std::string* payload,
                         const std::string* reason, Effects& effects) {
  if (kind == v1::SESSION_EVENT_KIND_STARTED) {
    FutureState* future = table_.find(counter);
    if (future != nullptr && !future->done()) future->set_status(Status::kRunning);
    return;
  }
  if (kind == v1::SESSION_EVENT_KIND_PROGRESS) return hear_progress(counter, *payload, effects);
  // One that is not there has been told before, on another stream or by the answer to a cancel.
  StatePtr future = table_.take(counter);
  if (!future) return;
  switch (kind) {
    case v1::SESSION_EVENT_KIND_SUCCEEDED:
      future->payload.swap(*payload);
      return finish(std::move(future), Status::kSucceeded, effects);
    case v1::SESSION_EVENT_KIND_FAILED:
      future->payload.swap(*payload);
      return finish(std::move(future), Status::kFailed, effects);
    case v1::SESSION_EVENT_KIND_CANCELLED:
      return finish(std::move(future), Status::kCancelled, effects);
    default:
      return break_future(std::move(future), unknown(*payload, reason == nullptr ? "" : *reason), effects);
  }
}

std::exception_ptr Session::unknown(const std::string& why, std::string reason) const {
  std::string text = "the daemon does not know the future: " + why;
  if (restarted_) text += " (the daemon was restarted)";
  return std::make_exception_ptr(UnknownFuture(text, {std::move(reason), {}, {}}));
}

void Session::hear_cancelled(const v1::SessionCancelled& answer, Effects& effects) {
  const auto found = cancels_.find(answer.request());
  if (found == cancels_.end()) return;
  const CancelPtr call = found->second;
  for (int i = 0; i < std::min(answer.effects_size(), call->message.counters_size()); ++i) {
    call->effect = answer.effects(i);
    if (call->effect != v1::CANCEL_EFFECT_CANCELLED) continue;
    if (StatePtr future = table_.take(call->message.counters(i))) {
      finish(std::move(future), Status::kCancelled, effects);
    }
  }
  call->sent = !refused_ || cancel_refused(*call, effects);
  if (!call->sent) return;
  cancels_.erase(found);
  if (call->answered) effects.signals.push_back(call->answered);
}

// The daemon refused calls before it was asked to cancel them, and knew none of them then.
bool Session::cancel_refused(const CancelCall& call, Effects& effects) {
  std::vector<StatePtr> refused;
  const auto add = [&](const StatePtr& state) {
    const bool concerned = state->counter <= call.highest && state->counter >= outbox_.certain_from();
    if (concerned && !state->attached()) refused.push_back(state);
  };
  if (call.message.all()) table_.for_each(add);
  for (const std::uint64_t counter : call.message.counters()) {
    if (const StatePtr state = table_.shared(counter)) add(state);
  }
  bool done = true;
  for (const StatePtr& state : refused) done &= cancel_unsent(*state, effects);
  return done;
}

}  // namespace futured::detail
