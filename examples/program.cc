#include "examples/program.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <exception>

namespace examples {

Program::Program(const std::string& purpose) : options_(purpose) {
  options_.add_option("--address", address_, "HOST:PORT of the daemon")
      ->envname("FUTURED_ADDRESS")
      ->type_name("")
      ->capture_default_str();
}

int Program::run(int argc, char** argv, const std::function<void()>& body) {
  CLI11_PARSE(options_, argc, argv);
  // Whoever reads a pipe sees each line when it is written.
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  try {
    body();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", options_.get_name().c_str(), error.what());
    return 1;
  }
}

double Stopwatch::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

ProgressBar::ProgressBar(std::size_t total)
    : shown_(isatty(STDERR_FILENO) == 1), total_(std::max<std::size_t>(total, 1)) {
  draw();
}

ProgressBar::~ProgressBar() { hide(); }

void ProgressBar::advance() {
  ++done_;
  draw();
}

void ProgressBar::draw() const {
  constexpr std::size_t kWidth = 40;
  if (!shown_) return;
  const std::string filled(std::min(done_, total_) * kWidth / total_, '#');
  std::fprintf(stderr, "\r[%-*s] %zu/%zu", static_cast<int>(kWidth), filled.c_str(), done_, total_);
}

void ProgressBar::hide() const {
  if (shown_) std::fputs("\r\033[K", stderr);
}

void print_gain(double together, double one_by_one) {
  std::printf("with futures %.2f s, one after another %.2f s: %.1f times as fast\n", together, one_by_one,
              one_by_one / together);
}

}  // namespace examples
