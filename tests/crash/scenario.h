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

// Until the clients have got on by so many acknowledgements and outcomes. Throws std::runtime_error when they do not.
void wait_for_traffic(const Run& run, std::uint64_t some);
// The end of a scenario, with no daemon running: the verdict, and the exit code.
int finish(const Run& run, Crashes& crashes, Load& load, const std::filesystem::path& folder, std::uint64_t least);

}  // namespace futured::crash
