// Globals: the options that all sub-commands share.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace futured::cli {

struct Globals {
  std::string address = "localhost:7070";
  // How long the whole command may take.
  std::optional<std::chrono::nanoseconds> timeout = {};
  bool json = false;
};

}  // namespace futured::cli
