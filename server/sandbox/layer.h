// Layer: how a layer of the sandbox says that this machine cannot give it.
#pragma once

#include <cerrno>
#include <string>
#include <system_error>

namespace futured::sandbox {

// "seccomp: cannot load the filter: Invalid argument", with the reason from `error`.
[[noreturn]] inline void missing(const std::string& layer, const std::string& what, int error = errno) {
  throw std::system_error(error, std::generic_category(), layer + ": " + what);
}

}  // namespace futured::sandbox
