#include "server/units.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <span>

namespace futured::server {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// The largest first, for printing.
constexpr std::array<Unit, 5> kSizes{{{"TiB", std::uint64_t{1} << 40},
                                      {"GiB", std::uint64_t{1} << 30},
                                      {"MiB", std::uint64_t{1} << 20},
                                      {"KiB", std::uint64_t{1} << 10},
                                      {"B", 1}}};
// In milliseconds.
constexpr std::array<Unit, 5> kDurations{{{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

constexpr std::string_view kDigits = "0123456789_";

std::string quote(std::string_view text) { return "\"" + std::string(text) + "\""; }

// A number of digits only, or nothing when it is none or too large.
std::optional<std::uint64_t> number(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c != '_') digits += c;
  }
  std::uint64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

// The number before the unit, times the unit's factor. `bare` is the factor without a unit; 0: there must be one.
std::optional<std::uint64_t> scaled(std::string_view text, std::span<const Unit> units, std::uint64_t bare,
                                    std::uint64_t most) {
  const std::size_t split = std::min(text.find_first_not_of(kDigits), text.size());
  const std::optional<std::uint64_t> value = number(text.substr(0, split));
  std::string_view name = text.substr(split);
  while (name.starts_with(' ')) name.remove_prefix(1);
  std::uint64_t factor = name.empty() ? bare : 0;
  for (const Unit& unit : units) {
    if (unit.name == name) factor = unit.factor;
  }
  if (!value || factor == 0 || *value > most / factor) return std::nullopt;
  return *value * factor;
}

std::string print_scaled(std::uint64_t value, std::span<const Unit> units) {
  for (const Unit& unit : units) {
    if (value >= unit.factor && value % unit.factor == 0) {
      return std::to_string(value / unit.factor) + std::string(unit.name);
    }
  }
  return "0" + std::string(units.back().name);
}

}  // namespace

Parsed<std::uint64_t> parse_count(std::string_view text) {
  if (const auto value = number(text)) return *value;
  return tl::unexpected(quote(text) + " is not a whole number");
}

std::string print_count(std::uint64_t count) { return std::to_string(count); }

Parsed<std::uint64_t> parse_size(std::string_view text) {
  if (const auto bytes = scaled(text, kSizes, 1, std::numeric_limits<std::uint64_t>::max())) return *bytes;
  return tl::unexpected(quote(text) + " is not a size; write bytes, or a unit as in \"64KiB\", \"4MiB\", \"1GiB\"");
}

std::string print_size(std::uint64_t bytes) { return print_scaled(bytes, kSizes); }

Parsed<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  constexpr auto kMost = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::nanoseconds::max());
  if (const auto value = scaled(text, kDurations, 0, static_cast<std::uint64_t>(kMost.count()))) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(*value));
  }
  return tl::unexpected(quote(text) + " is not a duration; write a unit as in \"250ms\", \"30s\", \"5m\", \"1h\"");
}

std::string print_duration(std::chrono::nanoseconds duration) {
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  return print_scaled(static_cast<std::uint64_t>(milliseconds), kDurations);
}

Parsed<double> parse_share(std::string_view text) {
  double share = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), share);
  // Written so that what is no number is refused.
  if (error == std::errc() && end == text.data() + text.size() && share >= 0 && share <= 1) return share;
  return tl::unexpected(quote(text) + " is not a number from 0 to 1");
}

std::string print_share(double share) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), share).ptr;
  return {text.data(), end};
}

Parsed<bool> parse_bool(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return tl::unexpected(quote(text) + " is neither true nor false");
}

}  // namespace futured::server
