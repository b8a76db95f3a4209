// Bytes: data that is not text.
#pragma once

#include <compare>
#include <string>

namespace futured {

// std::string stands for UTF-8 text; wrap it in Bytes for anything else.
struct Bytes {
  std::string data;
  auto operator<=>(const Bytes&) const = default;
};

}  // namespace futured
