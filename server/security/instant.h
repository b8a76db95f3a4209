// Points in time as people write them: RFC 3339, in UTC, "2026-12-24T18:00:00Z".
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace futured::security {

using Instant = std::chrono::sys_seconds;

// A date with a time, and "Z" or an offset such as "+01:00". The failure is a sentence. No fractions of seconds, no
// leap seconds.
tl::expected<Instant, std::string> parse_instant(std::string_view text);
std::string print_instant(Instant instant);

}  // namespace futured::security
