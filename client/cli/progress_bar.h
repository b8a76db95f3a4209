// ProgressBar: how far a map is, on a terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace futured::cli {

// Draws one line on standard error, and again as it changes, ten times a second at most. Draws nothing when standard
// error is no terminal.
class ProgressBar {
 public:
  // `total`: nothing when it is not known.
  explicit ProgressBar(std::optional<std::uint64_t> total);
  // Takes the line away.
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // One more is done.
  void advance();
  // Takes the line away until the next advance(), so that others can write.
  void hide();

 private:
  using Clock = std::chrono::steady_clock;

  const bool shown_;
  const std::optional<std::uint64_t> total_;
  const Clock::time_point start_ = Clock::now();
  std::uint64_t done_ = 0;
  Clock::time_point next_ = start_;
  bool drawn_ = false;
};

// "[#####     ] " for a share from 0 to 1, with `width` columns between the brackets.
std::string bar_of(double share, std::size_t width);

// "[#####     ] 50/100  12.3/s  4.1s left", in at most `width` columns; what does not fit is left out.
std::string progress_line(std::uint64_t done, std::optional<std::uint64_t> total, std::chrono::duration<double> elapsed,
                          std::size_t width);

}  // namespace futured::cli
