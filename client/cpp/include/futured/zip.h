// Several ranges read in step.
#pragma once

#include <cstddef>
#include <optional>
#include <ranges>
#include <string>
#include <tuple>
#include <utility>

namespace futured::detail {

// Reads ranges in step, until the shortest ends. A lvalue range is referred to, an rvalue kept. An item is read when it
// is asked for, never ahead.
template <class... Ranges>
class Zip {
 public:
  explicit Zip(Ranges&&... ranges) : ranges_(std::forward<Ranges>(ranges)...) {}
  Zip(const Zip&) = delete;
  Zip& operator=(const Zip&) = delete;

  // Stores encode(items...) in `text`. False: a range has ended.
  template <class Encode>
  bool next(std::string& text, const Encode& encode) {
    return next(text, encode, std::index_sequence_for<Ranges...>());
  }

 private:
  template <class Encode, std::size_t... I>
  bool next(std::string& text, const Encode& encode, std::index_sequence<I...>) {
    if (!iterators_) {
      iterators_.emplace(std::ranges::begin(std::get<I>(ranges_))...);
    } else {
      (..., ++std::get<I>(*iterators_));
    }
    bool ended = false;
    (..., (ended = ended || std::get<I>(*iterators_) == std::ranges::end(std::get<I>(ranges_))));
    if (ended) return false;
    text = encode(*std::get<I>(*iterators_)...);
    return true;
  }

  std::tuple<Ranges...> ranges_;
  std::optional<std::tuple<std::ranges::iterator_t<Ranges>...>> iterators_;
};

}  // namespace futured::detail
