#include "trace_source.h"

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <utility>

#include "futured/call_options.h"

namespace futured {
namespace {

using Source = std::function<std::string()>;

// So that submits of programs without traces cost a load.
std::atomic<bool> is_set = false;
std::mutex mutex;
std::shared_ptr<const Source> current;

std::shared_ptr<const Source> source() {
  const std::lock_guard lock(mutex);
  return current;
}

// What the last call of this thread was given.
struct Last {
  std::shared_ptr<const detail::EncodedOptions> options;
  std::string traceparent;
  std::shared_ptr<const detail::EncodedOptions> traced;
};

}  // namespace

void set_trace_source(std::function<std::string()> source) {
  const bool any = source != nullptr;
  const std::lock_guard lock(mutex);
  current = any ? std::make_shared<const Source>(std::move(source)) : nullptr;
  is_set = any;
}

namespace detail {

std::shared_ptr<const EncodedOptions> with_current_trace(const std::shared_ptr<const EncodedOptions>& options) {
  if (!is_set.load(std::memory_order_relaxed) || (options && !options->message.traceparent().empty())) return options;
  const auto asked = source();
  std::string traceparent = asked ? (*asked)() : std::string();
  if (!is_trace_text(traceparent)) return options;
  thread_local Last last;
  if (last.traced == nullptr || last.options != options || last.traceparent != traceparent) {
    auto traced = std::make_shared<EncodedOptions>();
    if (options) traced->message = options->message;
    traced->message.set_traceparent(traceparent);
    last = {options, std::move(traceparent), std::move(traced)};
  }
  return last.traced;
}

}  // namespace detail
}  // namespace futured
