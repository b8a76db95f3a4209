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
  // How long a daemon is waited for that is out of reach. Unset: as connection.h says.
  std::optional<std::chrono::nanoseconds> retry = {};
  bool json = false;
};

}  // namespace futured::cli
