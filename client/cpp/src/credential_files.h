// What credentials hold, and the files that they name.
#pragma once

#include <string>

#include "futured/credentials.h"

namespace futured::detail {

// Credentials as they are at one moment. Never printed, and in no message.
struct LoadedCredentials {
  bool operator==(const LoadedCredentials&) const = default;

  std::string token;  // Empty: none.
  // PEM. Empty: none.
  std::string authorities;
  std::string certificate;
  std::string key;
};

// The credentials, with what is empty taken from the environment.
Credentials with_environment(Credentials credentials);

// Reads the files. Blocks for that; no file is waited for. Throws std::invalid_argument for a token or a file that
// cannot be used: the message names the file, and has nothing of its content.
LoadedCredentials load(const Credentials& credentials);

}  // namespace futured::detail
