// Registry: the C++ functions that a program runs, by name.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "futured/codec.h"
#include "futured/context.h"
#include "futured/task.h"

namespace futured {

// A function without its types: serialized arguments in, a serialized value out. Constant; may be called from any
// number of threads at once, as far as the function itself may.
class Function {
 public:
  using Plain = std::function<std::string(Context&, std::string_view)>;
  using Coroutine = std::function<boost::asio::awaitable<std::string>(Context&, std::string)>;

  Function(std::string name, std::string signature, Plain plain, Coroutine coroutine)
      : name_(std::move(name)),
        signature_(std::move(signature)),
        plain_(std::move(plain)),
        coroutine_(std::move(coroutine)) {}

  const std::string& name() const { return name_; }
  // For people: "bool(uint64)".
  const std::string& signature() const { return signature_; }
  bool is_coroutine() const { return static_cast<bool>(coroutine_); }

  // Throws what the function throws; ArgumentError; ResultError or ValueTooLarge when the result cannot be encoded.
  // REQUIRES: !is_coroutine().
  std::string call(Context& context, std::string_view arguments) const { return plain_(context, arguments); }
  // The context must live until the coroutine has ended. REQUIRES: is_coroutine().
  boost::asio::awaitable<std::string> call_async(Context& context, std::string arguments) const {
    return coroutine_(context, std::move(arguments));
  }

 private:
  std::string name_;
  std::string signature_;
  Plain plain_;
  Coroutine coroutine_;
};

namespace detail {

// Calls f with the context, if it wants it, and the arguments.
template <class F, class... Args>
decltype(auto) call_with(F& f, Context& context, std::tuple<Args...>& arguments) {
  return std::apply(
      [&](Args&... args) -> decltype(auto) {
        if constexpr (std::is_invocable_v<F&, Context&, Args...>) {
          return f(context, std::move(args)...);
        } else {
          return f(std::move(args)...);
        }
      },
      arguments);
}

template <class F, class... Args>
concept Takes = std::is_invocable_v<F&, Context&, Args...> || std::is_invocable_v<F&, Args...>;

// What f returns: `Type`, at once or awaited.
template <class Returned>
struct Awaited {
  using Type = Returned;
  static constexpr bool kByCoroutine = false;
};
template <class T>
struct Awaited<boost::asio::awaitable<T>> {
  using Type = T;
  static constexpr bool kByCoroutine = true;
};
template <class F, class... Args>
using ReturnedBy = Awaited<std::remove_cv_t<decltype(call_with(std::declval<F&>(), std::declval<Context&>(),
                                                               std::declval<std::tuple<Args...>&>()))>>;

template <class T, class R>
concept ReturnableAs = std::is_void_v<R> || PassableAs<T, R>;

template <class R, class F, class... Args>
std::string call_plain(F& f, Context& context, std::string_view name, std::tuple<Args...> arguments) {
  if constexpr (std::is_void_v<R>) {
    call_with(f, context, arguments);
    return encode_nothing();
  } else {
    return encode_result_of<R>(name, call_with(f, context, arguments));
  }
}

// `f`, the name and the context outlive the coroutine; the arguments live in its frame.
template <class R, class... Args, class F>
boost::asio::awaitable<std::string> call_coroutine(F& f, Context& context, std::string_view name, std::string bytes) {
  auto arguments = decode_arguments<Args...>(name, bytes);
  if constexpr (std::is_void_v<R>) {
    co_await call_with(f, context, arguments);
    co_return encode_nothing();
  } else {
    co_return encode_result_of<R>(name, co_await call_with(f, context, arguments));
  }
}

}  // namespace detail

// Filled at the start by one thread; constant from then on, and readable from any.
class Registry {
 public:
  // Adds a function. `f` takes the task's parameters, or a Context& and these, and returns the task's result, or a
  // boost::asio::awaitable of it: then it is a coroutine. It is called from many threads at once.
  // Throws std::invalid_argument when the name is taken.
  template <class R, class... Args, class F>
  void add(const Task<R(Args...)>& task, F f) {
    constexpr bool kTakes = detail::Takes<F, Args...>;
    static_assert(kTakes, "the function must take the task's parameters, or a futured::Context& and these");
    if constexpr (kTakes) {
      using Returned = detail::ReturnedBy<F, Args...>;
      constexpr bool kReturns = detail::ReturnableAs<typename Returned::Type, R>;
      static_assert(kReturns, "the function must return the task's result, or a boost::asio::awaitable of it");
      if constexpr (kReturns) insert(make<Returned::kByCoroutine, R, Args...>(task, std::move(f)));
    }
  }

  // Null when there is none of this name. The result is valid as long as the registry.
  const Function* find(std::string_view name) const;
  // Sorted by name.
  std::vector<const Function*> functions() const;

 private:
  template <bool kByCoroutine, class R, class... Args, class F>
  static Function make(const Task<R(Args...)>& task, F f) {
    const std::string name(task.name());
    // Shared, for F need not be copyable.
    const auto shared = std::make_shared<F>(std::move(f));
    if constexpr (kByCoroutine) {
      return Function(name, task.signature(), nullptr, [shared, name](Context& context, std::string bytes) {
        return detail::call_coroutine<R, Args...>(*shared, context, name, std::move(bytes));
      });
    } else {
      return Function(
          name, task.signature(),
          [shared, name](Context& context, std::string_view bytes) {
            return detail::call_plain<R>(*shared, context, name, decode_arguments<Args...>(name, bytes));
          },
          nullptr);
    }
  }
  void insert(Function&& function);

  std::map<std::string, Function, std::less<>> functions_;
};

}  // namespace futured
