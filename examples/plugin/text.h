// TextCounter: the size of a text that comes in pieces.
#pragma once

#include <string_view>

#include "examples/tasks.h"

namespace examples {

// For one thread.
class TextCounter {
 public:
  void add(std::string_view piece);
  const TextSize& size() const { return size_; }

 private:
  TextSize size_;
  bool in_word_ = false;
};

}  // namespace examples
