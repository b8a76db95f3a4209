#include "server/core/retry.h"

#include <algorithm>
#include <cmath>

namespace futured::core {
namespace {

constexpr double kThousand = 1000;
// More than any delay is longer than another; finite, as its product with 0 must be 0.
constexpr double kMostGrowth = 1e20;

// Evenly from 0 to below 1, by the mixing steps of SplitMix64.
double chance(FutureId id, std::uint32_t attempt) {
  std::uint64_t bits = id.high ^ (id.low + 0x9e3779b97f4a7c15 * attempt);
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
  bits ^= bits >> 31;
  return std::ldexp(static_cast<double>(bits >> 11), -53);
}

}  // namespace

bool is_retried(const TaskPolicy& policy, const Error& error, std::uint32_t attempt) {
  if (attempt >= policy.max_attempts || policy.at_most_once) return false;
  if (policy.retry_on.empty()) return error.origin != Origin::kCall && error.origin != Origin::kLimit;
  return std::ranges::any_of(policy.retry_on, [&error](const std::string& named) {
    return named == error.type || named == to_string(error.origin);
  });
}

Duration back_off(const TaskPolicy& policy, FutureId id, std::uint32_t attempt) {
  const double growth = std::min(std::pow(policy.retry_factor / kThousand, attempt - 1.0), kMostGrowth);
  const double usual = std::min(static_cast<double>(policy.retry_delay.count()) * growth,
                                static_cast<double>(policy.max_retry_delay.count()));
  const double shortened = usual * (1 - policy.retry_jitter / kThousand * chance(id, attempt));
  return Duration(static_cast<Duration::rep>(shortened));
}

}  // namespace futured::core
