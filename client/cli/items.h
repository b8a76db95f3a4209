// Items: what a map is over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <functional>
#include <istream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "client/cli/json_value.h"

namespace futured::cli {

// A range to be read once, of words or of the lines of a file. Blank lines are left out. Lines are read when they are
// asked for. Failures name the item, counted from 1.
class Items {
 public:
  // Throws Failure for a word that is no value.
  Items(const std::vector<std::string>& words, Reading reading);
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

  // Reads the first. Throws Failure for an item that is no value or cannot be read, here and in ++.
  Iterator begin();
  std::default_sentinel_t end() const { return {}; }

 private:
  void advance() { ended_ = !next_(current_); }
  // The value of the next item.
  v1::Value read(const std::string& text);
  bool read_line(std::istream& stream, v1::Value& value);

  const Reading reading_;
  std::ifstream file_;
  std::uint64_t number_ = 0;  // Of the item read last.
  // Gives the next item; false after the last.
  std::function<bool(v1::Value&)> next_;
  std::optional<std::uint64_t> size_;
  v1::Value current_;
  bool ended_ = false;
};

}  // namespace futured::cli
