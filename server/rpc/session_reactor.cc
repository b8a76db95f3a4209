#include "server/rpc/session_reactor.h"

#include <utility>

#include "server/core/crash_point.h"
#include "server/rpc/convert.h"
#include "server/rpc/method_verbs.h"
#include "server/rpc/wire.h"

namespace futured::rpc {
namespace {

// One message carries about this much, so that large values don't make it exceed what a client reads.
constexpr std::size_t kEventsAtOnce = 4096;
constexpr std::size_t kBytesAtOnce = std::size_t{1} << 20;
// Of at most some hundred bytes each.
constexpr int kRefusalsAtOnce = 4096;
// A stream is not read from while more answers than this wait, for its peer to read or for the disk.
constexpr int kMostAnswersWaiting = 10'000;
// What only accepts submits waits so long for their outcomes, to go in one message with them. A client sends a few
// messages without an answer, and then waits: so with the second message it waits no longer.
constexpr auto kAcceptedWaits = std::chrono::milliseconds(5);
constexpr int kMessagesAcceptedAtOnce = 2;

}  // namespace

SessionReactor* SessionReactor::start(Parts parts, grpc::CallbackServerContext& context) {
  std::shared_ptr<SessionReactor> reactor(new SessionReactor(parts, context));
  SessionReactor* raw = reactor.get();
  raw->self_ = reactor;
  if (auto admitted = raw->admit(); !admitted) {
    raw->finish(admitted);
    return raw;
  }
  raw->StartRead(&raw->request_bytes_);
  parts.registry.add(reactor, raw->caller_);
  return raw;
}

core::Result<void> SessionReactor::admit() {
  const auto caller = parts_.gate.admit(context_, methods::kSession);
  if (!caller) return tl::unexpected(caller.error());
  caller_ = *caller;
  auto stream = OpenStream::open(parts_.table, caller_.account);
  if (!stream) return tl::unexpected(stream.error());
  stream_.emplace(*std::move(stream));
  return {};
}

void SessionReactor::OnReadDone(bool ok) {
  if (!ok) {
    write_all();
    return finish({});
  }
  set_handling(true);
  auto handled = parse(request_bytes_, request_);
  if (handled) handled = handle();
  set_handling(false);
  if (!handled) return finish(handled);
  write_if_idle();
  read_on();
}

void SessionReactor::set_handling(bool handling) {
  core::MutexLock lock(mu_);
  handling_ = handling;
}

void SessionReactor::read_on() {
  bool pause;
  {
    core::MutexLock lock(mu_);
    if (finished_) return;
    pause = answers_.refusals_size() + answers_.cancelled_size() + unstored_ > kMostAnswersWaiting;
  }
  if (pause || parts_.table.events_waiting(subscriber_) > parts_.settings.max_waiting_events) {
    core::MutexLock lock(mu_);
    // Either leads to the end of a write, which reads on; a peer that reads all that is written has nothing waiting.
    if (writing_ || unstored_ > 0) {
      reading_paused_ = true;
      return;
    }
  }
  StartRead(&request_bytes_);
}

void SessionReactor::OnWriteDone(bool ok) {
  if (delivers_) core::crash_point("session.after_delivery");
  bool read_again = false;
  {
    core::MutexLock lock(mu_);
    if (ok) std::swap(read_again, reading_paused_);
  }
  if (!ok) {
    std::optional<core::Result<void>> ending;
    {
      core::MutexLock lock(mu_);
      writing_ = false;
      ending = std::exchange(finish_with_, std::nullopt);
    }
    return finish(ending.value_or(core::failure(core::Reason::kCallerGone, "the stream broke")));
  }
  if (read_again) StartRead(&request_bytes_);
  write_next();
}

void SessionReactor::OnCancel() { finish(core::failure(core::Reason::kCallerGone, "the client went away")); }

void SessionReactor::OnDone() {
  if (subscriber_ != core::kNoSubscriber) parts_.table.remove_subscriber(subscriber_);
  if (greeted_) parts_.table.close_session(session_);
  stream_.reset();
  parts_.registry.remove(this, greeted_ ? std::optional(session_) : std::nullopt);
  const auto last = std::move(self_);
}

void SessionReactor::notify() { write_if_idle(); }

void SessionReactor::end(const core::Status& status) { finish(tl::unexpected(status)); }

void SessionReactor::finish(const core::Result<void>& ending) {
  {
    core::MutexLock lock(mu_);
    if (finished_) return;
    if (writing_) {
      // The writer finishes.
      if (!finish_with_) finish_with_ = ending;
      return;
    }
    finished_ = true;
  }
  Finish(ending ? grpc::Status::OK : to_grpc(ending.error(), context_));
}

void SessionReactor::write_if_idle() {
  {
    core::MutexLock lock(mu_);
    more_ = true;
    if (writing_ || finished_) return;
    writing_ = true;
  }
  write_next();
}

void SessionReactor::write_next() {
  for (;;) {
    if (fill_response()) {
      serialize(response_, response_bytes_);
      delivers_ = response_.events_size() > 0;
      if (delivers_) core::crash_point("session.before_delivery");
      return StartWrite(&response_bytes_);
    }
    std::optional<core::Result<void>> ending;
    bool later;
    bool read_again = false;
    {
      core::MutexLock lock(mu_);
      if (more_ && !finish_with_) continue;
      // The reader has counted on a write, and the last one was over by then.
      if (!finish_with_ && unstored_ == 0) std::swap(read_again, reading_paused_);
      writing_ = read_again;
      ending = std::exchange(finish_with_, std::nullopt);
      later = has_answers_ && !ending && !will_write_later_;
      if (later) will_write_later_ = true;
    }
    if (ending) finish(*ending);
    if (later) write_later();
    if (!read_again) return;
    StartRead(&request_bytes_);
  }
}

void SessionReactor::write_later() {
  parts_.timekeeper.schedule(parts_.clock.now() + kAcceptedWaits, [self = shared_from_this()] {
    {
      core::MutexLock lock(self->mu_);
      self->will_write_later_ = false;
    }
    self->write_all();
  });
}

void SessionReactor::write_all() {
  {
    core::MutexLock lock(mu_);
    have_waited_ = has_answers_;
  }
  write_if_idle();
}

bool SessionReactor::fill_response() {
  // The fields are cleared one by one, as Clear() would throw away the memory of the events.
  response_.clear_welcome();
  response_.clear_accepted();
  response_.clear_refusals();
  response_.clear_cancelled();
  response_.clear_events();
  bool anything;
  {
    core::MutexLock lock(mu_);
    more_ = false;
    if (finish_with_) return false;
    anything = is_urgent_locked() && take_answers_locked();
  }
  if (subscriber_ == core::kNoSubscriber) return anything;
  events_.clear();
  const bool left = parts_.table.drain(subscriber_, kEventsAtOnce, kBytesAtOnce, events_);
  if (left) {
    core::MutexLock lock(mu_);
    more_ = true;
  }
  if (events_.empty()) return anything;
  if (!anything) {
    core::MutexLock lock(mu_);
    take_answers_locked();
  }
  add_events(events_);
  return true;
}

bool SessionReactor::is_urgent_locked() const {
  return have_waited_ || reading_paused_ || accepted_messages_ >= kMessagesAcceptedAtOnce || answers_.has_welcome() ||
         !answers_.refusals().empty() || !answers_.cancelled().empty();
}

bool SessionReactor::take_answers_locked() {
  if (!has_answers_) return false;
  have_waited_ = false;
  accepted_messages_ = 0;
  if (answers_.refusals_size() <= kRefusalsAtOnce) {
    has_answers_ = false;
    response_.Swap(&answers_);
    answers_.Clear();
    return true;
  }
  // `accepted` goes with the last ones, as it says that all others are accepted.
  std::vector<v1::SessionRefusal*> oldest(kRefusalsAtOnce);
  answers_.mutable_refusals()->ExtractSubrange(0, kRefusalsAtOnce, oldest.data());
  for (v1::SessionRefusal* refusal : oldest) response_.mutable_refusals()->AddAllocated(refusal);
  if (answers_.has_welcome()) response_.mutable_welcome()->Swap(answers_.mutable_welcome());
  answers_.clear_welcome();
  more_ = true;
  return true;
}

void SessionReactor::add_events(std::vector<core::Event>& events) {
  auto& columns = *response_.add_events();
  const int count = static_cast<int>(events.size());
  columns.mutable_counters()->Reserve(count);
  columns.mutable_kinds()->Reserve(count);
  columns.mutable_payloads()->Reserve(count);
  for (const core::Event& event : events) {
    const bool is_news = event.kind == core::Event::Kind::kNews;
    // The attempt has ended meanwhile.
    if (is_news && event.progress == nullptr) continue;
    columns.add_counters(event.token);
    columns.add_kinds(to_event_kind(event));
    std::string& payload = *columns.add_payloads();
    if (is_news) {
      payload = to_proto(*event.progress, WallTime(parts_.clock)).SerializeAsString();
    } else if (event.outcome.state == core::State::kSucceeded) {
      payload = event.outcome.value.view();
    } else if (event.outcome.state == core::State::kFailed) {
      payload = serialized_error(*event.outcome.error);
    } else if (event.kind == core::Event::Kind::kUnknown) {
      const core::Status why = parts_.table.not_found(caller_.account, id_of(event.token));
      payload = why.message;
      columns.add_unknown_reasons(std::string(to_string(why.reason)));
    }
  }
  std::vector<core::Handle> handles;
  handles.reserve(events.size());
  core::MutexLock lock(mu_);
  for (const core::Event& event : events) {
    const bool is_unknown = event.kind == core::Event::Kind::kUnknown;
    if (!is_unknown && event.kind != core::Event::Kind::kFinished) continue;
    const bool is_attached = !attached_.empty() && attached_.contains(event.token);
    if (!is_attached && !is_unknown) handles.push_back(event.handle);
    if (is_attached) forget_attached_locked(event.token);
  }
  columns.set_sequence(next_sequence_);
  if (!handles.empty()) unacknowledged_.emplace_back(next_sequence_, std::move(handles));
  ++next_sequence_;
}

}  // namespace futured::rpc
