#include "client/cli/duration.h"

#include <google/protobuf/util/time_util.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <string_view>

namespace futured::cli {
namespace {

struct Unit {
  std::string_view name;
  double seconds;
};
constexpr std::array<Unit, 6> kUnits{{{"", 1}, {"ms", 0.001}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 24 * 3600}}};
constexpr double kMostSeconds = 100.0 * 365 * 24 * 3600;

}  // namespace

std::optional<std::chrono::nanoseconds> parse_duration(const std::string& text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{}) return std::nullopt;
  for (const Unit& unit : kUnits) {
    if (std::string_view(rest, static_cast<std::size_t>(end - rest)) != unit.name) continue;
    const std::chrono::duration<double> length(number * unit.seconds);
    // Not a number is neither.
    if (!(length.count() >= 0 && length.count() <= kMostSeconds)) return std::nullopt;
    return std::chrono::duration_cast<std::chrono::nanoseconds>(length);
  }
  return std::nullopt;
}

google::protobuf::Duration to_proto(std::chrono::nanoseconds duration) {
  return google::protobuf::util::TimeUtil::NanosecondsToDuration(duration.count());
}

std::string show_duration(std::chrono::duration<double> duration) {
  const double seconds = duration.count();
  const auto whole = static_cast<long long>(seconds);
  char text[64];
  if (seconds < 0.9995) {
    std::snprintf(text, sizeof text, "%.0fms", seconds * 1000);
  } else if (seconds < 60) {
    std::snprintf(text, sizeof text, "%.1fs", seconds);
  } else if (seconds < 3600) {
    std::snprintf(text, sizeof text, "%lldm%02llds", whole / 60, whole % 60);
  } else {
    std::snprintf(text, sizeof text, "%lldh%02lldm", whole / 3600, whole % 3600 / 60);
  }
  return text;
}

}  // namespace futured::cli
