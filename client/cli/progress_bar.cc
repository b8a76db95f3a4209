#include "client/cli/progress_bar.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>

#include "client/cli/duration.h"

namespace futured::cli {
namespace {

constexpr auto kInterval = std::chrono::milliseconds(100);
constexpr std::size_t kWidestBar = 40;

std::size_t terminal_width() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

std::string show_rate(double rate) {
  char text[32];
  std::snprintf(text, sizeof text, rate < 100 ? "%.1f/s" : "%.0f/s", rate);
  return text;
}

}  // namespace

std::string bar_of(double share, std::size_t width) {
  const auto full = static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(width));
  return "[" + std::string(full, '#') + std::string(width - full, ' ') + "] ";
}

std::string progress_line(std::uint64_t done, std::optional<std::uint64_t> total, std::chrono::duration<double> elapsed,
                          std::size_t width) {
  const double rate = elapsed.count() > 0 ? static_cast<double>(done) / elapsed.count() : 0;
  std::string text = std::to_string(done);
  if (total) text += "/" + std::to_string(*total);
  text += "  " + show_rate(rate);
  if (!total) return text.substr(0, width);
  if (rate > 0 && *total > done) {
    text += "  " + show_duration(std::chrono::duration<double>(static_cast<double>(*total - done) / rate)) + " left";
  }
  // The bar takes what the text leaves, with its brackets and the blank after it.
  constexpr std::size_t kFrame = 3;
  if (width < text.size() + kFrame + 1) return text.substr(0, width);
  const double share = *total == 0 ? 1 : static_cast<double>(done) / static_cast<double>(*total);
  return bar_of(share, std::min(kWidestBar, width - text.size() - kFrame)) + text;
}

ProgressBar::ProgressBar(std::optional<std::uint64_t> total) : shown_(isatty(STDERR_FILENO) == 1), total_(total) {}

ProgressBar::~ProgressBar() { hide(); }

void ProgressBar::advance() {
  ++done_;
  if (!shown_) return;
  const auto now = Clock::now();
  if (now < next_ && done_ != total_) return;
  next_ = now + kInterval;
  // The last column stays free, as some terminals begin a new line after it.
  std::cerr << '\r' << progress_line(done_, total_, now - start_, terminal_width() - 1) << "\x1b[K" << std::flush;
  drawn_ = true;
}

void ProgressBar::hide() {
  if (!drawn_) return;
  std::cerr << "\r\x1b[K" << std::flush;
  drawn_ = false;
}

}  // namespace futured::cli
