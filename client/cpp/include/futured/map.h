// The iterator that Executor::map() returns.
#pragma once

#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "futured/future.h"

namespace futured {

struct MapOptions {
  // For the whole iteration, from the call of map().
  Timeout timeout = {};
  // How many calls are handed to the stream at a time, at least 1. It saves processor time and nothing else: each item
  // is a task, fails alone and is cancelled alone.
  int chunksize = 1;
  // How many calls are submitted ahead of the iteration, at least 1. Unset: all, when map() is called. When set, the
  // input may be endless; it is read during the iteration and the ranges must live as long.
  std::optional<int> buffersize = {};
};

namespace detail {

// The calls of one map() in flight, in the order of the input. Not safe to share between threads.
class MapCalls {
 public:
  // Submits the next call of the input; null when there is none. May throw what the input throws, and ShutdownError.
  using Source = std::function<StatePtr()>;

  // `source`: where more calls come from, one at each next(). May be empty.
  MapCalls(std::vector<StatePtr> submitted, Source source, Timeout::Clock::time_point deadline);
  // Cancels what has not begun, when next() was ever called.
  ~MapCalls();
  MapCalls(const MapCalls&) = delete;
  MapCalls& operator=(const MapCalls&) = delete;

  // Submits one more, waits for the oldest, and hands it over. Null after the last. When the oldest has failed or the
  // time is up, the rest is cancelled, the iteration is over, and the error is thrown. What the source throws is thrown
  // after the results of the calls before it.
  StatePtr next(Decoder decoder);

 private:
  void pull();
  void cancel_rest();

  std::deque<StatePtr> calls_;
  Source source_;
  std::exception_ptr source_error_;
  const Timeout::Clock::time_point deadline_;
  bool started_ = false;
};

}  // namespace detail

// The results of calls in the order of the input, as they come. A range to iterate once; movable.
//
// When a call failed or the time is up, the iteration throws that error and is over; the calls that have not begun are
// cancelled. So are they when a started iteration is left early. A MapResults never iterated cancels nothing.
template <class R>
class MapResults {
 public:
  // For functions that return nothing.
  using Value = std::conditional_t<std::is_void_v<R>, std::monostate, R>;

  class Iterator {
   public:
    using iterator_concept = std::input_iterator_tag;
    using value_type = Value;
    using difference_type = std::ptrdiff_t;

    Iterator() noexcept = default;
    const Value& operator*() const { return owner_->value(); }
    const Value* operator->() const { return &owner_->value(); }
    Iterator& operator++() {
      owner_->advance();
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& iterator, std::default_sentinel_t) noexcept { return iterator.ended(); }

   private:
    friend class MapResults;
    explicit Iterator(MapResults* owner) noexcept : owner_(owner) {}
    bool ended() const noexcept { return !owner_->current_.valid(); }

    MapResults* owner_ = nullptr;
  };

  explicit MapResults(std::unique_ptr<detail::MapCalls> calls) noexcept : calls_(std::move(calls)) {}

  // Waits for the first result. Throws what Future::result() throws, here and in ++.
  Iterator begin() {
    if (!begun_) {
      begun_ = true;
      advance();
    }
    return Iterator(this);
  }
  std::default_sentinel_t end() const noexcept { return {}; }

 private:
  void advance() {
    current_ = Future<R>();
    current_ = detail::FutureAccess::make<Future<R>>(calls_->next(detail::decoder_of<R>));
  }
  const Value& value() const {
    if constexpr (std::is_void_v<R>) {
      static constexpr std::monostate kNothing;
      return kNothing;
    } else {
      return current_.result();
    }
  }

  std::unique_ptr<detail::MapCalls> calls_;
  Future<R> current_;
  bool begun_ = false;
};

}  // namespace futured
