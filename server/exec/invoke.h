// invoke: calls a user's function and turns whatever happens into an outcome.
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

#include "futured/registry.h"
#include "server/core/outcome.h"

namespace futured::exec {

// What is said in the error of a failed attempt.
struct Attempt {
  std::uint32_t number = 1;
  std::string_view worker;
  // The largest serialized value, in bytes.
  std::uint64_t max_value_size = 0;
};

// Calls a plain function. Never throws.
core::Outcome invoke(const Function& function, Context& context, std::string_view arguments, const Attempt& attempt);

// The outcome of a call that returned `value`.
core::Outcome returned(std::string_view value, const Attempt& attempt);
// The outcome of a call that threw.
core::Outcome threw(const std::exception_ptr& exception, bool stop_requested, const Attempt& attempt);
// The outcome of a coroutine that ended. One that a request to stop cut short is cancelled.
core::Outcome awaited(const std::exception_ptr& exception, std::string_view value, bool stop_requested,
                      const Attempt& attempt);
// The outcome of an attempt that failed, whoever says so: its texts and causes as bounded as those of ErrorInfo.
core::Outcome failed(core::Error error);
// The outcome of a call to a function that the executor does not have.
core::Outcome unknown_function(std::string_view name, std::string_view executor, const Attempt& attempt);

}  // namespace futured::exec
