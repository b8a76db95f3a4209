// Numbers as people write them: "1_000_000", "4MiB", "30s". Each parser is the inverse of its printer.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace futured::server {

// A value, or a sentence that says what is wrong with the text and what would be right.
template <class T>
using Parsed = tl::expected<T, std::string>;

// Digits, with underscores between them if you like.
Parsed<std::uint64_t> parse_count(std::string_view text);
std::string print_count(std::uint64_t count);

// Bytes: a count, alone or with B, KiB, MiB, GiB or TiB.
Parsed<std::uint64_t> parse_size(std::string_view text);
std::string print_size(std::uint64_t bytes);

// A count with ms, s, m, h or d. The unit may not be left out.
Parsed<std::chrono::nanoseconds> parse_duration(std::string_view text);
// Rounded down to milliseconds.
std::string print_duration(std::chrono::nanoseconds duration);

// From 0 to 1, as "0.25".
Parsed<double> parse_share(std::string_view text);
std::string print_share(double share);

// "true" or "false".
Parsed<bool> parse_bool(std::string_view text);

}  // namespace futured::server
