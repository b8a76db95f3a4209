// What the tasks of tasks.h do. All may be called from many threads at once; what fails throws, with a message that
// names the thing.
#pragma once

#include <futured/context.h>

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "examples/tasks.h"

namespace examples {

// A request to stop ends them between two divisions. They tell their progress.
bool has_no_divisor(futured::Context& context, std::uint64_t n);
Verdict judge(futured::Context& context, std::uint64_t n);
std::uint64_t add_squares(const std::vector<std::uint32_t>& numbers);

TextSize size_of_text(std::string_view text);

futured::Bytes contents_of_file(const std::string& path);
// Tells its progress.
TextSize size_of_file(futured::Context& context, const std::string& path);

// Gives up after 30 s. A request to stop cancels what it waits for.
boost::asio::awaitable<Page> get(std::string url);
Page get_blocking(futured::Context& context, std::string url);

boost::asio::awaitable<void> wait_for(double seconds);

void crash_worker();

}  // namespace examples
