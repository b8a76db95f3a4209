// The seed of a test of random operations: printed first, and settable to bring a failure back.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>

namespace futured::testing {

// From the environment's FUTURED_TEST_SEED, or random. Prints it.
inline std::uint64_t announced_seed() {
  const char* given = std::getenv("FUTURED_TEST_SEED");
  const std::uint64_t seed = given == nullptr ? std::random_device()() : std::stoull(given);
  std::cout << "FUTURED_TEST_SEED=" << seed << std::endl;
  ::testing::Test::RecordProperty("seed", std::to_string(seed));
  return seed;
}

}  // namespace futured::testing
