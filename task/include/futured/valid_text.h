// valid_text: bytes from anywhere as text that every protocol takes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace futured {

// At most the first `longest` bytes as valid UTF-8: bytes that are none become question marks, and a character that
// does not fit whole is left out.
std::string valid_text(std::string_view raw, std::size_t longest);

}  // namespace futured
