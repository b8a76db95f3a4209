// What all example programs have in common, so that each of them can be about one thing.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

namespace examples {

// A command line, with --help and --address, and the end of main(). For one thread.
class Program {
 public:
  explicit Program(const std::string& purpose);

  // For what this program needs besides.
  CLI::App& options() { return options_; }
  // Of the daemon: --address, or FUTURED_ADDRESS, or localhost:7070.
  const std::string& address() const { return address_; }

  // Reads the command line, calls `body`, and returns what main() is to return. An error that `body` throws is one line
  // on standard error, and 1.
  int run(int argc, char** argv, const std::function<void()>& body);

 private:
  CLI::App options_;
  std::string address_ = "localhost:7070";
};

// Time since it was made.
class Stopwatch {
 public:
  double seconds() const;

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// A line on standard error, "[#####     ] 50/100", which goes away with the object. Nothing when standard error is no
// terminal. For one thread at a time.
class ProgressBar {
 public:
  explicit ProgressBar(std::size_t total);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // One more is done.
  void advance();
  // Takes the line away until the next advance(), so that others can write.
  void hide() const;

 private:
  void draw() const;

  const bool shown_;
  const std::size_t total_;
  std::size_t done_ = 0;
};

// Prints two times of the same work, and their ratio.
void print_gain(double together, double one_by_one);

}  // namespace examples
