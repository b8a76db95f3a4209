// Items: what a map is over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "client/cli/json_value.h"

namespace futured::cli {

// A range to be read once, of words or of the lines of a file. Blank lines are left out. Lines are read when they are
// asked for.
class Items {
 public:
  Items(std::vector<std::string> words, Reading reading);
  // "-": standard input. Throws Failure when the file cannot be read.
  Items(const std::string& file, Reading reading);
  Items(const Items&) = delete;
  Items& operator=(const Items&) = delete;

  // How many there are; nothing if that is not known before the end.
  std::optional<std::uint64_t> size() const { return size_; }

  class Iterator {
   public:
    using iterator_concept = std::input_iterator_tag;
    using value_type = v1::Value;
    using difference_type = std::ptrdiff_t;

    Iterator() = default;
    explicit Iterator(Items* items) : items_(items) {}
    const v1::Value& operator*() const { return items_->current_; }
    Iterator& operator++() {
      items_->advance();
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& iterator, std::default_sentinel_t) { return iterator.ended(); }

   private:
    bool ended() const { return items_->ended_; }

    Items* items_ = nullptr;
  };

  // Reads the first. Throws Failure or CodecError for an item that is no value, here and in ++.
  Iterator begin();
  std::default_sentinel_t end() const { return {}; }

 private:
  void advance();

  const Reading reading_;
  std::ifstream file_;
  // Gives the next word or line; false after the last.
  std::function<bool(std::string&)> next_;
  std::optional<std::uint64_t> size_;
  v1::Value current_;
  bool ended_ = false;
};

}  // namespace futured::cli
