#include "server/security/instant.h"

#include <charconv>
#include <cstdio>
#include <optional>

namespace futured::security {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hh_mm_ss;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;

// The digits at `place`, as a number from `least` to `most`.
std::optional<int> number_at(std::string_view text, std::size_t place, std::size_t digits, int least, int most) {
  const std::string_view part = text.substr(place, digits);
  if (part.size() != digits || part.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  int number = 0;
  std::from_chars(part.data(), part.data() + part.size(), number);
  if (number < least || number > most) return std::nullopt;
  return number;
}

// "Z", "+01:00", "-05:30".
std::optional<minutes> offset_of(std::string_view text) {
  if (text == "Z" || text == "z") return minutes(0);
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  const auto hour = number_at(text, 1, 2, 0, 23);
  const auto minute = number_at(text, 4, 2, 0, 59);
  if (!hour || !minute) return std::nullopt;
  const minutes size = hours(*hour) + minutes(*minute);
  return text[0] == '+' ? size : -size;
}

constexpr std::size_t kDateAndTime = 19;

std::optional<Instant> read(std::string_view text) {
  if (text.size() <= kDateAndTime || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != 't') ||
      text[13] != ':' || text[16] != ':') {
    return std::nullopt;
  }
  const auto year = number_at(text, 0, 4, 1970, 9999);
  const auto month = number_at(text, 5, 2, 1, 12);
  const auto day = number_at(text, 8, 2, 1, 31);
  const auto hour = number_at(text, 11, 2, 0, 23);
  const auto minute = number_at(text, 14, 2, 0, 59);
  const auto second = number_at(text, 17, 2, 0, 59);
  const auto offset = offset_of(text.substr(kDateAndTime));
  if (!year || !month || !day || !hour || !minute || !second || !offset) return std::nullopt;
  const year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                            std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return sys_days(date) + hours(*hour) + minutes(*minute) + seconds(*second) - *offset;
}

}  // namespace

tl::expected<Instant, std::string> parse_instant(std::string_view text) {
  if (const std::optional<Instant> instant = read(text)) return *instant;
  std::string complaint = "\"";
  complaint.append(text).append("\" is no point in time; write it like 2026-12-24T18:00:00Z");
  return tl::unexpected(std::move(complaint));
}

std::string print_instant(Instant instant) {
  const auto day = floor<days>(instant);
  const year_month_day date(day);
  const hh_mm_ss time(instant - day);
  char text[32];
  std::snprintf(text, sizeof(text), "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text;
}

}  // namespace futured::security
