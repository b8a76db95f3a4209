// The scenarios of futured-crash. Each prints its figures and returns the exit code; 77: it cannot be run here.
#pragma once

#include <cstdint>
#include <string>

namespace futured::crash {

inline constexpr int kSkipped = 77;

struct Settings {
  std::uint64_t seed = 0;
  int cycles = 200;
  // Of acknowledged submissions for each cycle.
  std::uint64_t least = 250;
  // Empty: all.
  std::string point;
  bool unsafe = false;
};

int run_kills(const Settings& settings);
int run_points(const Settings& settings);
int run_power_cuts(const Settings& settings);

}  // namespace futured::crash
