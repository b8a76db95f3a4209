#include <chrono>
#include <cmath>
#include <stdexcept>
#include <string>

#include "examples/plugin/functions.h"

namespace examples {

bool has_no_divisor(futured::Context& context, std::uint64_t n) {
  // How many divisors are passed between two looks at the request to stop.
  constexpr std::uint64_t kStride = 1 << 20;
  if (n < 4) return n > 1;
  if (n % 2 == 0) return false;
  const double largest = std::sqrt(static_cast<double>(n));
  // Not divisor * divisor <= n, which overflows for the largest numbers.
  for (std::uint64_t divisor = 3; divisor <= n / divisor; divisor += 2) {
    if (n % divisor == 0) return false;
    if (divisor % kStride != 1) continue;
    context.throw_if_stop_requested();
    context.progress(static_cast<double>(divisor) / largest);
  }
  return true;
}

Verdict judge(futured::Context& context, std::uint64_t n) {
  const auto start = std::chrono::steady_clock::now();
  const bool prime = has_no_divisor(context, n);
  return {prime, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()};
}

std::uint64_t add_squares(const std::vector<std::uint32_t>& numbers) {
  std::uint64_t sum = 0;
  for (const std::uint64_t number : numbers) {
    const std::uint64_t before = sum;
    sum += number * number;
    if (sum < before) throw std::overflow_error("the sum of " + std::to_string(numbers.size()) + " squares");
  }
  return sum;
}

}  // namespace examples
