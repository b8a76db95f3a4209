#include "futured/plugin.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <thread>
#include <utility>

#include "tests/bench/tasks.h"

namespace asio = boost::asio;

FUTURED_PLUGIN(registry) {
  registry.add(futured::bench::noop, [] {});
  registry.add(futured::bench::echo, [](std::string text) { return text; });
  registry.add(futured::bench::block_ms, [](std::uint32_t milliseconds) {
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
  });
  registry.add(futured::bench::sleep_ms, [](std::uint32_t milliseconds) -> asio::awaitable<void> {
    asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::milliseconds(milliseconds));
    co_await timer.async_wait(asio::use_awaitable);
  });
}
