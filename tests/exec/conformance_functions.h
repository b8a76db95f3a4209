// The functions that the conformance suite of executors runs. An executor whose functions live in another process
// links them into that.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "futured/context.h"
#include "futured/registry.h"
#include "futured/task.h"
#include "tests/exec/rendezvous.h"

namespace futured::testing {

inline constexpr Task<std::int64_t(std::int64_t, std::int64_t)> kAdd{"conformance.add"};
inline constexpr Task<std::string(std::string)> kEcho{"conformance.echo"};
inline constexpr Task<void()> kNothing{"conformance.nothing"};
// Throws what the word says.
inline constexpr Task<void(std::string)> kThrow{"conformance.throw"};
// A value of so many bytes.
inline constexpr Task<std::string(std::uint64_t)> kLarge{"conformance.large"};
// "ID attempt deadline", the last one "none" or "some".
inline constexpr Task<std::string()> kDescribe{"conformance.describe"};
// Path of a rendezvous, name: announces the name and waits at the door "go".
inline constexpr Task<std::string(std::string, std::string)> kHold{"conformance.hold"};
// The same, but gives up with Cancelled when it is asked to stop.
inline constexpr Task<std::string(std::string, std::string)> kHoldUntilStopped{"conformance.hold_until_stopped"};
// The same, and returns "stopped" then.
inline constexpr Task<std::string(std::string, std::string)> kHoldAndReturn{"conformance.hold_and_return"};
// The same as kHold, but before it announces itself another thread of it tells its progress: these fractions, each with
// this text.
inline constexpr Task<std::string(std::string, std::string, std::vector<double>, std::string)> kReport{
    "conformance.report"};
// "traceparent tracestate"
inline constexpr Task<std::string()> kTellTrace{"conformance.trace"};
// The same as kHold, but before it announces itself it logs these lines as warnings, so many times.
inline constexpr Task<std::string(std::string, std::string, std::vector<Bytes>, std::uint64_t)> kSay{"conformance.say"};
// Coroutines.
inline constexpr Task<std::string()> kTellTraceLater{"conformance.trace_later"};
inline constexpr Task<std::string(std::string)> kEchoLater{"conformance.echo_later"};
inline constexpr Task<std::string(std::string, std::string)> kHoldLater{"conformance.hold_later"};
// The same, and before it announces itself it tells a progress of 0.5.
inline constexpr Task<std::string(std::string, std::string)> kReportLater{"conformance.report_later"};

// No std::exception.
struct Odd {};

inline void throw_by_word(const std::string& word) {
  if (word == "int") throw 1;
  if (word == "text") throw "text";
  if (word == "odd") throw Odd();
  if (word == "cancelled") throw Cancelled();
  if (word == "empty") throw std::runtime_error("");
  if (word == "nested") {
    try {
      throw std::out_of_range("the cause");
    } catch (...) {
      std::throw_with_nested(std::runtime_error("the effect"));
    }
  }
  throw std::invalid_argument(word);
}

inline boost::asio::awaitable<void> wait_later(const Context& context, std::string path, std::string door) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
  while (!is_open(path, door)) {
    context.throw_if_stop_requested();
    timer.expires_after(std::chrono::milliseconds(1));
    co_await timer.async_wait(boost::asio::use_awaitable);
  }
}

inline void add_conformance_functions(Registry& registry) {
  registry.add(kAdd, [](std::int64_t a, std::int64_t b) { return a + b; });
  registry.add(kEcho, [](std::string text) { return text; });
  registry.add(kNothing, [] {});
  registry.add(kThrow, throw_by_word);
  registry.add(kLarge, [](std::uint64_t size) { return std::string(size, 'x'); });
  registry.add(kDescribe, [](const Context& context) {
    return context.id() + " " + std::to_string(context.attempt()) + (context.deadline() ? " some" : " none");
  });
  registry.add(kTellTrace, [](const Context& context) { return context.traceparent() + " " + context.tracestate(); });
  registry.add(kTellTraceLater, [](const Context& context) -> boost::asio::awaitable<std::string> {
    co_return context.traceparent() + " " + context.tracestate();
  });
  registry.add(kHold, [](const std::string& path, std::string name) {
    announce(path, name);
    wait_at(path, "go", [] { return false; });
    return name;
  });
  registry.add(kHoldUntilStopped, [](const Context& context, const std::string& path, const std::string& name) {
    announce(path, name);
    wait_at(path, "go", [&context] { return context.stop_requested(); });
    context.throw_if_stop_requested();
    return name;
  });
  registry.add(kHoldAndReturn, [](const Context& context, const std::string& path, const std::string& name) {
    announce(path, name);
    wait_at(path, "go", [&context] { return context.stop_requested(); });
    return context.stop_requested() ? std::string("stopped") : name;
  });
  registry.add(kReport, [](Context& context, const std::string& path, std::string name,
                           const std::vector<double>& fractions, const std::string& text) {
    std::thread([&] {
      for (const double fraction : fractions) context.progress(fraction, text);
    }).join();
    announce(path, name);
    wait_at(path, "go", [] { return false; });
    return name;
  });
  registry.add(kSay, [](Context& context, const std::string& path, std::string name, const std::vector<Bytes>& lines,
                        std::uint64_t times) {
    for (std::uint64_t i = 0; i < times; ++i) {
      for (const Bytes& line : lines) context.log(LogLevel::kWarning, line.data);
    }
    announce(path, name);
    wait_at(path, "go", [] { return false; });
    return name;
  });
  registry.add(kEchoLater, [](std::string text) -> boost::asio::awaitable<std::string> {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, std::chrono::microseconds(100));
    co_await timer.async_wait(boost::asio::use_awaitable);
    co_return text;
  });
  registry.add(kHoldLater,
               [](const Context& context, std::string path, std::string name) -> boost::asio::awaitable<std::string> {
                 announce(path, name);
                 co_await wait_later(context, path, "go");
                 co_return name;
               });
  registry.add(kReportLater,
               [](Context& context, std::string path, std::string name) -> boost::asio::awaitable<std::string> {
                 context.progress(0.5);
                 announce(path, name);
                 co_await wait_later(context, path, "go");
                 co_return name;
               });
}

}  // namespace futured::testing
