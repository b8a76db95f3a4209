// Where a crash test runs.
#pragma once

#include <cstdint>
#include <filesystem>

namespace futured::crash {

// For files whose disk is not to be waited for: in memory, if there is a place with room, else the folder for
// temporary files.
std::filesystem::path fast_folder();

// A port of the loopback interface on which nobody listens, for a daemon that is away now and then. It is below those
// that the kernel gives to whoever names none: one of these could be taken meanwhile by another program, or by a client
// of the test itself, whose attempt to connect from the very port that it connects to succeeds.
std::uint16_t unused_port();

}  // namespace futured::crash
