// Sockets for the daemon's HTTP listener.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace futured::bench {

// Of "127.0.0.1:7071".
std::uint16_t port_of(const std::string& address);
// A connection on which `request` was sent, and on which a read waits for `patience`; the caller closes it. Negative:
// there is none.
int ask_by_http(std::uint16_t port, std::string_view request, std::chrono::milliseconds patience);

}  // namespace futured::bench
