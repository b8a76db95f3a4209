// Futures for Boost.Asio: `co_await future.async_result(boost::asio::use_awaitable)`.
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <type_traits>
#include <utility>

#include "futured/future.h"

namespace futured {
namespace detail {

template <class R>
struct Completion {
  using Signature = void(std::exception_ptr, R);
};
template <>
struct Completion<void> {
  using Signature = void(std::exception_ptr);
};

template <class R>
std::exception_ptr error_of(const Future<R>& done) {
  try {
    return done.exception();
  } catch (const CancelledError&) {
    return std::current_exception();
  }
}

// Calls the handler with the outcome.
template <class R, class Handler>
void complete(const Future<R>& done, Handler handler) {
  std::exception_ptr error = error_of(done);
  if constexpr (std::is_void_v<R>) {
    std::move(handler)(std::move(error));
  } else if (error) {
    std::move(handler)(std::move(error), R());
  } else {
    std::move(handler)(nullptr, R(done.result()));
  }
}

}  // namespace detail

// The handler is called by its associated executor, never within this call. R must have a default constructor.
template <class R>
template <class CompletionToken>
auto Future<R>::async_result(CompletionToken&& token) const {
  return boost::asio::async_initiate<CompletionToken, typename detail::Completion<R>::Signature>(
      [future = *this](auto handler) {
        const auto executor = boost::asio::get_associated_executor(handler);
        auto work = boost::asio::make_work_guard(executor);
        future.add_done_callback([executor, work = std::move(work),
                                  handler = std::move(handler)](const Future& done) mutable {
          boost::asio::post(executor, [done, handler = std::move(handler)]() mutable {
            detail::complete(done, std::move(handler));
          });
          work.reset();
        });
      },
      token);
}

}  // namespace futured
