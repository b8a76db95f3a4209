// Calls on their way to the daemon.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "encoded_options.h"
#include "futured/v1/session.pb.h"

namespace futured::detail {

// A message with calls. The session adds its other fields when it is sent.
struct Batch {
  v1::SessionRequest request;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::size_t tasks = 0;
  std::size_t bytes = 0;     // Of arguments.
  std::size_t envelope = 0;  // Bytes of what the calls have besides: options, names of functions.

  std::size_t size() const noexcept { return bytes + envelope; }
};

// Gathers calls into messages, keeps those until the daemon has accepted the calls, and repeats them after a refusal or
// on a new stream.
//
//   append ──► unsent ──next──► sent ──accept──► gone
//                ▲                │
//                └────requeue─────┘
//
// Counters only rise from unsent front to back, and all sent are below all unsent. Not synchronised.
class Outbox {
 public:
  using Options = std::shared_ptr<const EncodedOptions>;  // Null: all defaults.

  // Adds a call. REQUIRES: a larger counter than all before.
  void append(std::uint64_t counter, std::string_view function, const Options& options, std::string&& arguments);

  bool has_unsent() const noexcept { return !unsent_.empty(); }
  // REQUIRES: has_unsent().
  const Batch& front() const { return *unsent_.front(); }
  // Moves the first unsent message to the sent ones. It stays in place until accept() or requeue(). Null: it was
  // empty, since all its calls had been withdrawn.
  Batch* next();
  // Drops the first unsent message. REQUIRES: has_unsent().
  void drop_front();

  // All counters up to this one are accepted or refused for good; `in_flight` is a message not to touch yet, or null.
  void settle_through(std::uint64_t counter, const Batch* in_flight);
  // Drops the first sent messages as long as no call of theirs is `open(counter)`.
  template <class Open>
  void settle_finished(Open open, const Batch* in_flight) {
    while (!sent_.empty() && sent_.front().get() != in_flight && !any(*sent_.front(), open)) {
      discard(std::move(sent_.front()));
      sent_.pop_front();
    }
  }
  // Sent messages become unsent again, without the calls that `keep(counter)` denies. REQUIRES: no write in flight.
  template <class Keep>
  void requeue(Keep keep) {
    while (!sent_.empty()) {
      put_back(rebuild(std::move(sent_.back()), keep));
      sent_.pop_back();
    }
  }
  // The call is never to be sent. REQUIRES: it is at or above certain_from().
  void withdraw(std::uint64_t counter) { withdrawn_.insert(counter); }
  // On a new stream the daemon waits for no call.
  void forget_refusal() noexcept { repeat_ = 0; }
  // Drops everything but the message that is being written.
  void clear(const Batch* in_flight);

  // The daemon has certainly not accepted this counter and those above.
  std::uint64_t certain_from() const noexcept { return certain_from_; }
  // It refused this counter and those above, for the time being.
  void refused_from(std::uint64_t counter) noexcept {
    certain_from_ = std::min(certain_from_, counter);
    repeat_ = certain_from_;
  }
  // The call that the daemon waits for after a refusal: it must be sent again, even when nobody wants it. 0: none.
  std::uint64_t repeat() const noexcept { return repeat_; }
  // The lowest counter that is not settled. Nothing: all are.
  std::optional<std::uint64_t> first_unsettled() const;
  // The lowest counter that is to be sent. Nothing: none.
  std::optional<std::uint64_t> first_unsent() const;
  // The highest counter sent and not requeued since. 0: none.
  std::uint64_t sent_through() const noexcept { return sent_.empty() ? 0 : sent_.back()->last; }

  std::size_t sent_messages() const noexcept { return sent_.size(); }
  std::size_t tasks() const noexcept { return tasks_; }
  // Of arguments, options and names of functions.
  std::size_t bytes() const noexcept { return bytes_; }

  // A message is sent before it grows beyond these. Only that of a single call may be larger.
  static constexpr std::size_t kMaxTasks = 4096;
  static constexpr std::size_t kMaxBytes = 1 << 20;

 private:
  using BatchPtr = std::unique_ptr<Batch>;

  struct Call {
    std::uint64_t counter;
    std::string_view function;
    const v1::TaskOptions* options;  // Null: all defaults.
    std::string&& arguments;
  };
  bool continues_last_run(const Call& call, const Options& options) const;
  // `same_run`: the call continues the last run of the message; else it begins one.
  static bool fits(const Batch& batch, const Call& call, bool same_run);
  static void add(Batch& batch, Call&& call, bool same_run);
  // They come first again.
  void put_back(std::deque<BatchPtr> batches);
  BatchPtr fresh();
  void discard(BatchPtr batch);

  template <class Predicate>
  static bool any(const Batch& batch, Predicate predicate) {
    for (const auto& run : batch.request.submits()) {
      for (int i = 0; i < run.arguments_size(); ++i) {
        if (predicate(run.first() + static_cast<std::uint64_t>(i))) return true;
      }
    }
    return false;
  }
  // Those that are kept, in more messages than one where gaps make so many runs of one that it would be too large.
  template <class Keep>
  std::deque<BatchPtr> rebuild(BatchPtr old, Keep keep) {
    std::deque<BatchPtr> batches;
    for (auto& run : *old->request.mutable_submits()) {
      bool same_run = false;
      for (int i = 0; i < run.arguments_size(); ++i) {
        const std::uint64_t counter = run.first() + static_cast<std::uint64_t>(i);
        const bool kept = withdrawn_.erase(counter) == 0 && keep(counter);
        if (kept) {
          append_to(batches,
                    {counter, run.function(), run.has_options() ? &run.options() : nullptr,
                     std::move(*run.mutable_arguments(i))},
                    same_run);
        }
        same_run = kept;
      }
    }
    discard(std::move(old));
    return batches;
  }
  // To the last of them, or to a new one.
  void append_to(std::deque<BatchPtr>& batches, Call&& call, bool same_run);

  std::deque<BatchPtr> unsent_;
  std::deque<BatchPtr> sent_;
  std::vector<BatchPtr> spares_;  // Cleared, to be used again with the memory they have.
  bool run_open_ = false;         // The last run of the last unsent message has the options of `last_options_`.
  Options last_options_;
  std::unordered_set<std::uint64_t> withdrawn_;
  std::uint64_t certain_from_ = 1;
  std::uint64_t repeat_ = 0;
  std::size_t tasks_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace futured::detail
