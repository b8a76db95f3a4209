#include "server/security/identity.h"

#include <algorithm>
#include <array>

#include "server/security/glob.h"

namespace futured::security {
namespace {

bool any_matches(const std::vector<std::string>& patterns, std::string_view name) {
  return std::ranges::any_of(patterns, [&](const std::string& pattern) { return matches(pattern, name); });
}

}  // namespace

std::string_view name_of(Verb verb) {
  static constexpr std::array<std::string_view, kVerbs> kNames = {"submit", "read", "cancel", "admin"};
  return kNames.at(static_cast<std::size_t>(verb));
}

bool Identity::may_use_executor(std::string_view executor) const { return any_matches(executors, executor); }
bool Identity::may_use_function(std::string_view function) const { return any_matches(functions, function); }

}  // namespace futured::security
