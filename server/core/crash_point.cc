#include "server/core/crash_point.h"

#include <signal.h>

#include <atomic>
#include <cstdlib>
#include <string>
#include <string_view>

namespace futured::core::internal {
namespace {

std::string_view armed_text() noexcept {
  const char* text = std::getenv("FUTURED_CRASH_AT");
  return text == nullptr ? std::string_view() : std::string_view(text);
}

struct ArmedPoint {
  explicit ArmedPoint(std::string_view text) : name(text.substr(0, text.find(':'))) {
    const auto colon = text.find(':');
    if (colon != text.npos) left = std::atol(std::string(text.substr(colon + 1)).c_str());
  }
  const std::string name;
  std::atomic<long> left{1};
};

}  // namespace

const bool crash_point_armed = !armed_text().empty();

void pass_crash_point(std::string_view name) {
  static ArmedPoint armed(armed_text());
  if (name == armed.name && armed.left.fetch_sub(1) == 1) ::raise(SIGKILL);
}

}  // namespace futured::core::internal
