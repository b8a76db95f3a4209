// How long a wait may take.
#pragma once

#include <chrono>
#include <optional>

namespace futured {

// A length of time, or none for "for ever". Any std::chrono duration converts to it; zero and negative ones mean "do
// not wait", and those beyond 100 years "for ever". Measured on the steady clock.
class Timeout {
 public:
  using Clock = std::chrono::steady_clock;

  constexpr Timeout() noexcept = default;
  constexpr Timeout(std::nullopt_t) noexcept {}  // NOLINT(google-explicit-constructor)
  template <class Rep, class Period>
  constexpr Timeout(std::chrono::duration<Rep, Period> length) noexcept {  // NOLINT(google-explicit-constructor)
    const double seconds = std::chrono::duration<double>(length).count();
    if (seconds < kForever) {
      length_ = seconds > 0 ? std::chrono::duration_cast<Clock::duration>(length) : Clock::duration::zero();
    }
  }

  // When a wait that begins at this moment ends. Clock::time_point::max(): never.
  Clock::time_point deadline() const noexcept { return length_ ? Clock::now() + *length_ : Clock::time_point::max(); }
  // The length, unless it is "for ever".
  constexpr std::optional<Clock::duration> length() const noexcept { return length_; }

 private:
  static constexpr double kForever = 100.0 * 365 * 24 * 3600;

  std::optional<Clock::duration> length_;
};

}  // namespace futured
