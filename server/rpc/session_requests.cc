// SessionReactor: what each part of a request does.
#include <algorithm>
#include <span>
#include <utility>

#include "server/core/refusals.h"
#include "server/rpc/convert.h"
#include "server/rpc/method_verbs.h"
#include "server/rpc/session_reactor.h"
#include "server/rpc/task_options.h"
#include "server/rpc/validate.h"

namespace futured::rpc {
namespace {

// Tasks accepted under one lock.
constexpr std::size_t kTasksAtOnce = 512;
// IDs looked at under one lock.
constexpr std::size_t kIdsAtOnce = 512;
// Each goes through the whole table.
constexpr std::size_t kMostCancelsOfAll = 64;
// On one stream, and not finished. Each one that watches a future is looked at when somebody observes that.
constexpr std::size_t kMostAttached = 100'000;
constexpr std::uint32_t kMostAttachedToOne = 10'000;

core::Result<void> at_most(std::size_t limit, std::string_view field, std::size_t count) {
  if (count <= limit) return {};
  return core::field_failure(core::Reason::kTooManyItems, field,
                             std::to_string(count) + ", the limit is " + std::to_string(limit));
}

// Calls `handle` with as many as are handled under one lock.
template <typename T, typename Handle>
void in_slices(std::span<T> all, const Handle& handle) {
  for (; !all.empty(); all = all.subspan(std::min(all.size(), kIdsAtOnce))) {
    handle(all.first(std::min(all.size(), kIdsAtOnce)));
  }
}

}  // namespace

core::Result<void> SessionReactor::handle() {
  if (request_.has_hello() == greeted_) {
    return invalid("hello", greeted_ ? "only the first message has one" : "missing in the first message");
  }
  if (!greeted_) {
    if (auto greeted = greet(request_.hello()); !greeted) return greeted;
  }
  const auto of_all = std::ranges::count_if(request_.cancels(), [](const auto& cancel) { return cancel.all(); });
  if (auto few = at_most(kMostCancelsOfAll, "cancels.all", static_cast<std::size_t>(of_all)); !few) return few;
  for (auto& run : *request_.mutable_submits()) submit(run);
  if (auto watched = watch(request_); !watched) return watched;
  for (const auto& attachment : request_.attaches()) {
    if (auto free = check_free(attachment.counter()); !free) return free;
    if (auto attached = attach(attachment); !attached) add_refusal(attachment.counter(), 1, attached.error());
  }
  for (const auto& cancellation : request_.cancels()) {
    if (auto cancelled = cancel(cancellation); !cancelled) return cancelled;
  }
  if (request_.acknowledged() > 0) acknowledge(request_.acknowledged());
  if (request_.observed_size() > 0) observe(request_);
  if (done_.accepted() > 0 || done_.refusals_size() > 0 || done_.cancelled_size() > 0) answer_when_stored();
  return {};
}

// Refusals too: the count of what is accepted passes over them, so it acknowledges all that came before.

void SessionReactor::answer_when_stored() {
  auto done = std::make_shared<v1::SessionResponse>();
  done->Swap(&done_);
  const int answers = 1 + done->refusals_size() + done->cancelled_size();
  {
    core::MutexLock lock(mu_);
    unstored_ += answers;
  }
  parts_.table.call_when_stored([self = shared_from_this(), done = std::move(done), answers] {
    {
      core::MutexLock lock(self->mu_);
      self->unstored_ -= answers;
      self->answers_.set_accepted(std::max(self->answers_.accepted(), done->accepted()));
      self->answers_.mutable_refusals()->MergeFrom(done->refusals());
      self->answers_.mutable_cancelled()->MergeFrom(done->cancelled());
      self->has_answers_ = true;
      ++self->accepted_messages_;
      if (self->handling_) return;
    }
    self->write_if_idle();
  });
}

core::Result<void> SessionReactor::greet(const v1::SessionHello& hello) {
  const auto id = core::parse_future_id(hello.session());
  if (!id || id->counter() != 0) {
    return invalid("hello.session", in_quotes(hello.session()) + " is no UUID of version 8 whose last group is zero");
  }
  const auto executor = parts_.table.find_executor(printable(hello.executor()));
  if (!executor) return tl::unexpected(in_field("hello.executor", executor.error()));
  const auto subscriber = parts_.table.add_subscriber(shared_from_this(), caller_.account);
  if (!subscriber) return tl::unexpected(subscriber.error());
  subscriber_ = *subscriber;
  auto opened = parts_.table.open_session(id->session(), hello.max_workers(), caller_.account);
  if (!opened) return opened;
  session_ = id->session();
  greeted_ = true;
  parts_.registry.take_over(session_, shared_from_this());

  const core::ExecutorDescription& description = *parts_.table.executors()[*executor].description;
  default_executor_ = *executor;
  default_executor_name_ = description.name;
  core::MutexLock lock(mu_);
  v1::SessionWelcome& welcome = *answers_.mutable_welcome();
  welcome.set_epoch(parts_.settings.epoch);
  welcome.set_version(parts_.settings.version);
  welcome.set_executor(description.name);
  welcome.set_max_workers(hello.max_workers() == 0 ? description.max_workers
                                                   : std::min(hello.max_workers(), description.max_workers));
  welcome.set_max_arguments_size(parts_.settings.max_arguments_size);
  welcome.set_max_message_size(parts_.settings.max_message_size);
  has_answers_ = true;
  return {};
}

// --- Submits.

void SessionReactor::submit(v1::SessionSubmit& submit) {
  const auto count = static_cast<std::uint64_t>(submit.arguments_size());
  if (refused_from_ && submit.first() > *refused_from_) return refuse(submit.first(), count, refused_why_);
  refused_from_.reset();
  const auto group = group_of(submit);
  if (!group) return refuse(submit.first(), count, group.error());
  record_submit(submit);

  std::vector<core::NewTask> tasks;
  tasks.reserve(std::min(static_cast<std::size_t>(count), kTasksAtOnce));
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string& arguments = submit.arguments(static_cast<int>(i));
    const std::uint64_t counter = submit.first() + i;
    if (arguments.size() > parts_.settings.max_arguments_size) {
      refuse(counter, 1, too_large("arguments", arguments.size(), parts_.settings.max_arguments_size));
      continue;
    }
    tasks.push_back({make_future_id(session_, counter), core::Bytes(arguments), counter});
    if (tasks.size() < kTasksAtOnce && i + 1 < count) continue;
    submit_slice(*group, tasks);
    if (refused_from_) return refuse(counter + 1, count - i - 1, refused_why_);
    tasks.clear();
  }
  if (!tasks.empty()) submit_slice(*group, tasks);
  done_.set_accepted(std::max(done_.accepted(), submit.first() + count));
}

void SessionReactor::submit_slice(core::TaskGroup group, std::span<core::NewTask> tasks) {
  group.tasks = tasks;
  const auto created = parts_.table.create({&group, 1}, subscriber_, nullptr);
  if (created) return;
  const core::Status& error = created.error();
  if (tasks.size() > 1 && error.code() != core::Code::kUnavailable) {
    // There is room for some of them, or only some are to blame: the others are not to suffer.
    const std::span<core::NewTask> rest = tasks.subspan(tasks.size() / 2);
    submit_slice(group, tasks.first(tasks.size() / 2));
    return refused_from_ ? refuse(rest.front().token, rest.size(), refused_why_) : submit_slice(group, rest);
  }
  if (error.retry_delay.count() > 0) {
    refused_from_ = tasks.front().token;
    refused_why_ = error;
  }
  refuse(tasks.front().token, tasks.size(), error);
}

core::Result<core::TaskGroup> SessionReactor::group_of(const v1::SessionSubmit& submit) {
  const auto count = static_cast<std::uint64_t>(submit.arguments_size());
  // Their sum may be more than 64 bits hold.
  if (submit.first() == 0 || submit.first() > core::kMaxCounter || count > core::kMaxCounter - submit.first()) {
    return invalid("submits.first", "counters go from 1 to " + std::to_string(core::kMaxCounter));
  }
  if (auto valid = check_function_name("submits.function", submit.function()); !valid) {
    return tl::unexpected(valid.error());
  }
  core::TaskGroup group;
  group.account = caller_.account;
  group.function = submit.function();
  group.executor = default_executor_;
  if (submit.has_options()) {
    if (auto read = read_options(submit.options(), group); !read) return tl::unexpected(read.error());
  }
  const std::string& named = submit.options().executor();
  const std::string& executor = named.empty() ? default_executor_name_ : named;
  if (auto allowed = parts_.gate.check_task(caller_, executor, group.function); !allowed) {
    return tl::unexpected(allowed.error());
  }
  return group;
}

void SessionReactor::record_submit(const v1::SessionSubmit& submit) {
  if (!parts_.gate.records()) return;
  const std::string& named = submit.options().executor();
  parts_.gate.record(
      caller_, methods::kSubmit,
      {static_cast<std::uint64_t>(submit.arguments_size()), to_string(make_future_id(session_, submit.first())),
       named.empty() ? default_executor_name_ : named, submit.function()});
}

core::Result<void> SessionReactor::read_options(const v1::TaskOptions& message, core::TaskGroup& group) {
  auto options = to_core("submits.options", message);
  if (!options) return tl::unexpected(options.error());
  // Calls that come one by one share the object as well.
  if (options->policy != nullptr && *options == last_options_) options->policy = last_options_.policy;
  last_options_ = group.options = *std::move(options);
  const auto executor = executor_of(message);
  if (!executor) return tl::unexpected(executor.error());
  group.executor = *executor;
  return {};
}

core::Result<core::ExecutorIndex> SessionReactor::executor_of(const v1::TaskOptions& options) {
  if (options.executor().empty()) return default_executor_;
  const auto known = executors_.find(options.executor());
  if (known != executors_.end()) return known->second;
  auto found = parts_.table.find_executor(printable(options.executor()));
  if (!found) return tl::unexpected(in_field("submits.options.executor", found.error()));
  executors_.emplace(options.executor(), *found);
  return found;
}

void SessionReactor::refuse(std::uint64_t first, std::uint64_t count, const core::Status& status) {
  if (count == 0) return;
  done_.set_accepted(std::max(done_.accepted(), first + count));
  add_refusal(first, count, status);
}

void SessionReactor::add_refusal(std::uint64_t first, std::uint64_t count, const core::Status& status) {
  core::count_refusal(status.reason, count);
  if (!done_.refusals().empty()) {
    // A full daemon refuses run after run for one reason.
    v1::SessionRefusal& last = *done_.mutable_refusals()->rbegin();
    if (last.first() + last.count() == first && last.message() == status.message) {
      return last.set_count(last.count() + count);
    }
  }
  v1::SessionRefusal& refusal = *done_.add_refusals();
  refusal.set_first(first);
  refusal.set_count(count);
  refusal.set_code(static_cast<int>(status.code()));
  refusal.set_message(status.message);
  refusal.set_reason(std::string(to_string(status.reason)));
  refusal.set_field(status.field);
  if (status.retry_delay.count() > 0) *refusal.mutable_retry_delay() = to_proto(status.retry_delay);
}

// --- Watches, cancels, acknowledgements.

// All futures of the session are its first one and no number.
Subject SessionReactor::subject_of(const v1::SessionCancel& cancel) const {
  const std::uint64_t first = cancel.counters().empty() ? 0 : cancel.counters(0);
  return {static_cast<std::uint64_t>(cancel.counters_size()), to_string(id_of(first))};
}

// As counters rise, a stream watches each future of its session once, however many it names.
core::Result<void> SessionReactor::watch(const v1::SessionRequest& request) {
  std::vector<core::WatchRequest> watches;
  watches.reserve(static_cast<std::size_t>(request.watched_size()));
  for (const std::uint64_t counter : request.watched()) {
    if (counter <= last_watched_ || counter > core::kMaxCounter) {
      return invalid("watched", std::to_string(counter) + " after " + std::to_string(last_watched_) +
                                    "; counters rise, up to " + std::to_string(core::kMaxCounter));
    }
    last_watched_ = counter;
    watches.push_back({make_future_id(session_, counter), counter});
  }
  in_slices(std::span<const core::WatchRequest>(watches), [this](auto slice) {
    // Unknown ones become events, so this cannot fail.
    (void)parts_.table.subscribe(subscriber_, slice, true);
  });
  return {};
}

void SessionReactor::observe(const v1::SessionRequest& request) {
  std::vector<core::WatchRequest> observed;
  for (const std::uint64_t counter : request.observed()) observed.push_back({id_of(counter), counter});
  in_slices(std::span<const core::WatchRequest>(observed),
            [this](auto slice) { parts_.table.observe(subscriber_, slice, core::Interest::kProgress); });
}

core::Result<void> SessionReactor::attach(const v1::SessionAttach& attach) {
  const auto id = core::parse_future_id(attach.id());
  if (!id) {
    return invalid("attaches.id", in_quotes(attach.id()) + " is no UUID of version 8");
  }
  if (auto allowed = parts_.gate.check_method(caller_, methods::kAsCompleted); !allowed) return allowed;
  if (parts_.gate.records()) parts_.gate.record(caller_, methods::kAsCompleted, {1, to_string(*id)});
  if (auto added = add_attached(attach.counter(), *id); !added) return added;
  const core::WatchRequest watch{*id, attach.counter()};
  return parts_.table.subscribe(subscriber_, {&watch, 1}, true);
}

core::Result<void> SessionReactor::check_free(std::uint64_t counter) const {
  core::MutexLock lock(mu_);
  if (!attached_.contains(counter)) return {};
  return invalid("attaches.counter", std::to_string(counter) + " stands for a future already");
}

core::Result<void> SessionReactor::add_attached(std::uint64_t counter, core::FutureId id) {
  core::MutexLock lock(mu_);
  if (auto few = at_most(kMostAttached, "attaches", attached_.size() + 1); !few) return few;
  std::uint32_t& count = attached_to_[id];
  if (count == kMostAttachedToOne) {
    return core::field_failure(core::Reason::kTooManyWatchers, "attaches",
                               "the limit is " + std::to_string(kMostAttachedToOne) + " for one future");
  }
  ++count;
  attached_.emplace(counter, id);
  return {};
}

void SessionReactor::forget_attached_locked(std::uint64_t counter) {
  const auto found = attached_.find(counter);
  if (found == attached_.end()) return;
  const auto count = attached_to_.find(found->second);
  if (--count->second == 0) attached_to_.erase(count);
  attached_.erase(found);
}

core::Result<void> SessionReactor::cancel(const v1::SessionCancel& cancel) {
  const auto how = to_cancel("cancels.", cancel.mode(), cancel.grace());
  if (!how) return tl::unexpected(how.error());
  if (auto allowed = parts_.gate.check_method(caller_, methods::kCancel); !allowed) return allowed;
  if (parts_.gate.records()) parts_.gate.record(caller_, methods::kCancel, subject_of(cancel));
  v1::SessionCancelled answer;
  answer.set_request(cancel.request());
  if (cancel.all()) {
    const auto counts = parts_.table.cancel_all(caller_.account, session_, how->mode, how->grace);
    answer.set_cancelled(counts.cancelled);
    answer.set_stop_requested(counts.stop_requested);
  } else {
    std::vector<core::FutureId> ids;
    ids.reserve(static_cast<std::size_t>(cancel.counters_size()));
    for (const std::uint64_t counter : cancel.counters()) ids.push_back(id_of(counter));
    in_slices(std::span<const core::FutureId>(ids), [&](auto slice) {
      for (const core::CancelEffect effect : parts_.table.cancel(caller_.account, slice, how->mode, how->grace)) {
        answer.add_effects(to_proto(effect));
        answer.set_cancelled(answer.cancelled() + (effect == core::CancelEffect::kCancelled ? 1 : 0));
        answer.set_stop_requested(answer.stop_requested() + (was_asked_to_stop(effect) ? 1 : 0));
      }
    });
  }
  *done_.add_cancelled() = std::move(answer);
  return {};
}

core::FutureId SessionReactor::id_of(std::uint64_t counter) const {
  core::MutexLock lock(mu_);
  const auto attached = attached_.find(counter);
  return attached == attached_.end() ? make_future_id(session_, counter & core::kMaxCounter) : attached->second;
}

void SessionReactor::acknowledge(std::uint64_t sequence) {
  std::vector<core::Handle> handles;
  {
    core::MutexLock lock(mu_);
    while (!unacknowledged_.empty() && unacknowledged_.front().first <= sequence) {
      auto& oldest = unacknowledged_.front().second;
      if (handles.empty()) {
        handles = std::move(oldest);
      } else {
        handles.insert(handles.end(), oldest.begin(), oldest.end());
      }
      unacknowledged_.pop_front();
    }
  }
  parts_.table.release(handles);
}

}  // namespace futured::rpc
