// Waiting for some or all of many futures.
#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <ranges>
#include <type_traits>
#include <utility>
#include <vector>

#include "futured/future.h"

namespace futured {

// When wait() returns.
enum class ReturnWhen {
  kFirstCompleted,  // When any future is done.
  kFirstException,  // When any future has failed, else when all are done. A cancelled one has not failed.
  kAllCompleted,    // When all are done.
};
inline constexpr ReturnWhen FIRST_COMPLETED = ReturnWhen::kFirstCompleted;
inline constexpr ReturnWhen FIRST_EXCEPTION = ReturnWhen::kFirstException;
inline constexpr ReturnWhen ALL_COMPLETED = ReturnWhen::kAllCompleted;

struct WaitOptions {
  Timeout timeout = {};
  ReturnWhen return_when = ALL_COMPLETED;
};

// Every distinct future of the call is in exactly one of the two, in the order of the call.
template <class R>
struct WaitResult {
  std::vector<Future<R>> done;
  std::vector<Future<R>> not_done;
};

namespace detail {

template <class Range>
using FutureOf = std::remove_cvref_t<std::ranges::range_reference_t<Range>>;

// Any range of futures: a vector, a set, the keys of a map. They may belong to several executors.
template <class Range>
concept FutureRange =
    std::ranges::input_range<Range> && std::is_same_v<FutureOf<Range>, Future<typename FutureOf<Range>::Value>>;

template <class Range>
std::vector<StatePtr> states_of(Range&& futures) {
  std::vector<StatePtr> states;
  if constexpr (std::ranges::sized_range<Range>) states.reserve(std::ranges::size(futures));
  for (const auto& future : futures) states.push_back(FutureAccess::state(future));
  return states;
}

// Keeps the first of each, in order.
void drop_duplicates(std::vector<StatePtr>& states);
// Waits; afterwards the states are split: those that are not done are moved out into the answer.
std::vector<StatePtr> wait_for(std::vector<StatePtr>& states, const WaitOptions& options);

// Futures in the order of completion. Not safe to share between threads.
class Completions {
 public:
  // Takes the futures without duplicates.
  Completions(std::vector<StatePtr> states, Timeout timeout);
  ~Completions();
  Completions(const Completions&) = delete;
  Completions& operator=(const Completions&) = delete;

  // Waits for the next one that is done, and gives up its reference to it. Null after the last.
  // Throws TimeoutError "N (of M) futures unfinished".
  StatePtr next();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace detail

// Waits until the condition holds or the time is up, and tells which futures are done: all that are at that moment.
// Fetches no results and throws none; time running out is no error. Zero: a snapshot. Duplicates count once.
// Throws std::invalid_argument for an invalid `return_when`, unless there are no futures.
//
//   auto [done, not_done] = futured::wait(futures, {.return_when = futured::FIRST_COMPLETED});
template <detail::FutureRange Range>
auto wait(Range&& futures, const WaitOptions& options = {}) {
  using FutureType = detail::FutureOf<Range>;
  std::vector<detail::StatePtr> done = detail::states_of(futures);
  detail::drop_duplicates(done);
  std::vector<detail::StatePtr> not_done = detail::wait_for(done, options);
  WaitResult<typename FutureType::Value> result;
  result.done.reserve(done.size());
  for (auto& state : done) result.done.push_back(detail::FutureAccess::make<FutureType>(std::move(state)));
  result.not_done.reserve(not_done.size());
  for (auto& state : not_done) result.not_done.push_back(detail::FutureAccess::make<FutureType>(std::move(state)));
  return result;
}

// The range that as_completed() returns. Begins its work, and its clock, at begin(); may be iterated once.
template <class Range>
class AsCompleted {
 public:
  using FutureType = detail::FutureOf<Range>;

  class Iterator {
   public:
    using iterator_concept = std::input_iterator_tag;
    using value_type = FutureType;
    using difference_type = std::ptrdiff_t;

    Iterator() noexcept = default;
    FutureType& operator*() const noexcept { return owner_->current_; }
    FutureType* operator->() const noexcept { return &owner_->current_; }
    Iterator& operator++() {
      owner_->advance();
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& iterator, std::default_sentinel_t) noexcept { return iterator.ended(); }

   private:
    friend class AsCompleted;
    explicit Iterator(AsCompleted* owner) noexcept : owner_(owner) {}
    bool ended() const noexcept { return !owner_->current_.valid(); }

    AsCompleted* owner_ = nullptr;
  };

  AsCompleted(Range&& futures, Timeout timeout) : timeout_(timeout) {
    if constexpr (std::is_lvalue_reference_v<Range>) {
      futures_ = &futures;
    } else {
      futures_.emplace(std::move(futures));
    }
  }

  // Reads the futures and waits for the first. Throws TimeoutError.
  Iterator begin() {
    if (!completions_) {
      auto states = detail::states_of(*futures_);
      detail::drop_duplicates(states);
      completions_ = std::make_unique<detail::Completions>(std::move(states), timeout_);
      futures_ = {};
      advance();
    }
    return Iterator(this);
  }
  std::default_sentinel_t end() const noexcept { return {}; }

 private:
  void advance() {
    current_ = FutureType();
    current_ = detail::FutureAccess::make<FutureType>(completions_->next());
  }

  // A lvalue is pointed to, an rvalue kept until begin().
  std::conditional_t<std::is_lvalue_reference_v<Range>, std::add_pointer_t<Range>, std::optional<Range>> futures_;
  Timeout timeout_;
  std::unique_ptr<detail::Completions> completions_;
  FutureType current_;
};

// Yields the futures as they get done: those already done first, then in the order of completion, each once, failed
// and cancelled ones too. An lvalue range is referred to, an rvalue moved in; it is read at begin(). When the time,
// which begins with the iteration too, is up and some are missing, the iteration throws TimeoutError and is over.
// Leaving early costs and cancels nothing. It refers to no future that it has yielded and passed.
//
//   for (auto& future : futured::as_completed(futures, 30s)) use(future.result());
template <detail::FutureRange Range>
AsCompleted<Range> as_completed(Range&& futures, Timeout timeout = {}) {
  return AsCompleted<Range>(std::forward<Range>(futures), timeout);
}

}  // namespace futured
