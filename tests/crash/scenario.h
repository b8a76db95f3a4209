// The scenarios of futured-crash. Each prints its figures and returns the exit code; 77: it cannot be run here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "tests/crash/crashes.h"
#include "tests/crash/load.h"

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

// The end of a scenario, with no daemon running: the verdict, and the exit code.
int finish(const Run& run, Crashes& crashes, Load& load, const std::filesystem::path& folder, std::uint64_t least);

}  // namespace futured::crash
