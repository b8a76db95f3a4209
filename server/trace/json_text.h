// JSON that is written straight into a text, where a tree of values would cost more than what it says.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace futured::trace {

// The text in quotes, escaped. Bytes that are no UTF-8 become U+FFFD, as nlohmann-json replaces them.
void append_json_string(std::string_view text, std::string& out);

// Without quotes.
void append_decimal(std::int64_t number, std::string& out);

}  // namespace futured::trace
