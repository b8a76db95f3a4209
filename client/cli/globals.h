// Globals: the options that all sub-commands share.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "futured/credentials.h"

namespace futured::cli {

struct Globals {
  std::string address = "localhost:7070";
  Credentials credentials = {};
  // How long the whole command may take.
  std::optional<std::chrono::nanoseconds> timeout = {};
  bool json = false;
};

}  // namespace futured::cli
