#include "server/suggestion.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace futured::server {
namespace {

// Levenshtein's distance, a row of the matrix at a time.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string did_you_mean(std::string_view typed, std::span<const std::string> names) {
  constexpr std::size_t kTellingPart = 4;
  const std::string* best = nullptr;
  std::size_t least = std::max<std::size_t>(2, typed.size() / 3) + 1;
  for (const std::string& name : names) {
    const bool is_part = typed.size() >= kTellingPart && name.find(typed) != std::string::npos;
    const std::size_t steps = is_part ? 1 : distance(typed, name);
    if (steps >= least) continue;
    least = steps;
    best = &name;
  }
  return best == nullptr ? "" : "; did you mean " + *best + "?";
}

}  // namespace futured::server
