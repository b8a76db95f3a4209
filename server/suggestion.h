// Suggestion: the known name that somebody probably meant.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace futured::server {

// "; did you mean NAME?" for the name that is nearest by insertions, deletions and replacements of characters, or
// contains `typed`; empty when none is near.
std::string did_you_mean(std::string_view typed, std::span<const std::string> names);

}  // namespace futured::server
