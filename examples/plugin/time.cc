#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <stdexcept>

#include "examples/plugin/functions.h"

namespace examples {

namespace asio = boost::asio;

asio::awaitable<void> wait_for(double seconds) {
  constexpr double kYear = 365 * 24 * 3600;
  // NaN is neither.
  if (!(seconds >= 0 && seconds <= kYear)) {
    throw std::invalid_argument("the seconds to sleep must be from 0 to those of a year");
  }
  asio::steady_timer timer(co_await asio::this_coro::executor);
  timer.expires_after(std::chrono::duration_cast<asio::steady_timer::duration>(std::chrono::duration<double>(seconds)));
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace examples
