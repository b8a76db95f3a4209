// Patterns of names: "*" stands for any characters, none among them; all else for itself.
#pragma once

#include <string_view>

namespace futured::security {

// Takes time in proportion to the product of the lengths at most.
bool matches(std::string_view pattern, std::string_view name);

}  // namespace futured::security
