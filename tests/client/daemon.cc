#include "tests/client/daemon.h"

#include <chrono>
#include <exception>
#include <stdexcept>
#include <stop_token>

namespace futured::testing {
namespace {

constexpr auto kLongest = std::chrono::seconds(20);

}  // namespace

void Gate::open() {
  const std::lock_guard lock(mutex_);
  open_ = true;
  changed_.notify_all();
}

void Gate::pass() {
  std::unique_lock lock(mutex_);
  ++arrivals_;
  changed_.notify_all();
  changed_.wait_for(lock, kLongest, [this] { return open_; });
}

bool Gate::wait_for_arrivals(int count) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kLongest, [&] { return arrivals_ >= count; });
}

int Gate::arrivals() {
  const std::lock_guard lock(mutex_);
  return arrivals_;
}

Daemon::Daemon(core::Limits limits) : server_(registry_, limits) {}

std::vector<std::string> Daemon::echoed() {
  const std::lock_guard lock(mutex_);
  return echoed_;
}

int Daemon::calls() {
  const std::lock_guard lock(mutex_);
  return calls_;
}

Registry Daemon::make_registry() {
  Registry registry;
  const auto count = [this] {
    const std::lock_guard lock(mutex_);
    ++calls_;
  };
  registry.add(echo, [this, count](std::string text) {
    {
      const std::lock_guard lock(mutex_);
      echoed_.push_back(text);
    }
    count();
    return text;
  });
  registry.add(square, [count](std::int64_t n) {
    count();
    return n * n;
  });
  registry.add(add, [](std::int64_t a, std::int64_t b) { return a + b; });
  registry.add(add3, [](std::int64_t a, std::int64_t b, std::int64_t c) { return a + b + c; });
  registry.add(nothing, [count] { count(); });
  registry.add(trace, [](const Context& context) { return context.traceparent() + " " + context.tracestate(); });
  registry.add(fail_at, [count](std::int64_t n, std::int64_t bad) {
    count();
    if (n == bad) throw std::out_of_range("bad number");
    return n;
  });
  registry.add(fail, [count](const std::string& message) {
    count();
    throw std::out_of_range(message);
  });
  registry.add(fail_nested, [] {
    try {
      throw std::out_of_range("inner");
    } catch (...) {
      std::throw_with_nested(std::runtime_error("outer"));
    }
  });
  registry.add(fail_by_timeout, [] { throw TimeoutError("from the function"); });
  registry.add(fail_by_cancelled, [] { throw CancelledError("from the function"); });
  registry.add(pass_gate, [this, count](std::int64_t n) {
    count();
    gate.pass();
    return n;
  });
  registry.add(pass_gate_unless_zero, [this, count](std::int64_t n) {
    count();
    if (n != 0) gate.pass();
    return n;
  });
  registry.add(fail_if_zero_else_pass_gate, [this, count](std::int64_t n) {
    count();
    if (n == 0) throw std::out_of_range("bad number");
    gate.pass();
    return n;
  });
  registry.add(tell, [this](Context& context, double fraction, const std::string& text) {
    context.progress(fraction, text);
    context.log(LogLevel::kWarning, text);
    gate.pass();
    context.log(LogLevel::kDebug, text);
  });
  registry.add(wait_for_stop, [this](Context& context) {
    const std::stop_callback open_gate(context.stop_token(), [this] { gate.open(); });
    gate.pass();
    context.throw_if_stop_requested();
  });
  return registry;
}

}  // namespace futured::testing
