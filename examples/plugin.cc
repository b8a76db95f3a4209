#include <futured/plugin.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

#include "examples/tasks.h"

namespace examples {
namespace {

namespace asio = boost::asio;

// By trial division: work for a processor.
bool has_no_divisor(std::uint64_t n) {
  if (n < 2 || (n % 2 == 0 && n != 2)) return false;
  for (std::uint64_t divisor = 3; divisor <= n / divisor; divisor += 2) {
    if (n % divisor == 0) return false;
  }
  return true;
}

asio::awaitable<void> wait_for(double seconds) {
  using Duration = asio::steady_timer::duration;
  asio::steady_timer timer(co_await asio::this_coro::executor);
  timer.expires_after(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds)));
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace
}  // namespace examples

FUTURED_PLUGIN(registry) {
  registry.add(examples::is_prime, examples::has_no_divisor);
  registry.add(examples::sleep, examples::wait_for);
}
