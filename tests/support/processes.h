// What tests see of processes that are not their children.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "server/exec/process/descendants.h"
#include "tests/support/eventually.h"

namespace futured::testing {

// As ps calls it.
inline std::string name_of(pid_t pid) {
  std::string name;
  std::ifstream file("/proc/" + std::to_string(pid) + "/comm");
  std::getline(file, name);
  return name;
}

// How many of this machine have that name and have not ended.
inline std::size_t count_of(const std::string& name) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string number = entry.path().filename();
    if (number.find_first_not_of("0123456789") != std::string::npos) continue;
    const pid_t pid = std::stoi(number);
    if (name_of(pid) == name && !exec::has_ended(pid)) ++count;
  }
  return count;
}

// All below `ancestor`, once as many of them have that name; empty when they never do.
inline std::vector<pid_t> family_of(pid_t ancestor, const std::string& name, std::ptrdiff_t count) {
  std::vector<pid_t> family;
  const bool complete = eventually([&] {
    family = exec::descendants_of(ancestor);
    return std::ranges::count(family, name, name_of) >= count;
  });
  return complete ? family : std::vector<pid_t>();
}

}  // namespace futured::testing
