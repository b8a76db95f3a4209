// Text from elsewhere, made harmless for a terminal.
#pragma once

#include <string>
#include <string_view>

namespace futured::cli {

// Writes control characters, those that reverse the direction of text, and bytes that are no UTF-8 as \u001b or \xff.
// Within JSON the escapes are those of JSON. Line feeds stay, when `lines`.
std::string printable(std::string_view text, bool lines = false);

}  // namespace futured::cli
