#include "server/exec/invoke.h"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <memory>
#include <utility>

#include "futured/codec.h"
#include "futured/context.h"
#include "futured/error_info.h"

namespace futured::exec {
namespace {

std::shared_ptr<const core::Error> cause_of(const std::shared_ptr<const ErrorInfo>& info) {
  if (info == nullptr) return nullptr;
  return std::make_shared<const core::Error>(
      core::Error{core::Origin::kTask, info->type, info->message, info->traceback, cause_of(info->cause), 0, ""});
}

// Whether an operation was cut short by a cancellation signal.
bool was_aborted(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const boost::system::system_error& error) {
    return error.code() == boost::asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

core::Error bounded(core::Error error, int links) {
  for (std::string* text : {&error.type, &error.message, &error.traceback}) *text = error_text(*text);
  if (error.cause == nullptr) return error;
  error.cause = links > 1 ? std::make_shared<const core::Error>(bounded(*error.cause, links - 1)) : nullptr;
  return error;
}

core::Outcome failed(core::Origin origin, ErrorInfo info, const Attempt& attempt) {
  return exec::failed(core::Error{origin, std::move(info.type), std::move(info.message), std::move(info.traceback),
                                  cause_of(info.cause), attempt.number, std::string(attempt.worker)});
}

core::Outcome failed(core::Origin origin, std::string type, std::string message, const Attempt& attempt) {
  return failed(origin, ErrorInfo{std::move(type), std::move(message), "", nullptr}, attempt);
}

}  // namespace

core::Outcome invoke(const Function& function, Context& context, std::string_view arguments, const Attempt& attempt) {
  try {
    return returned(function.call(context, arguments), attempt);
  } catch (...) {
    return threw(std::current_exception(), context.stop_requested(), attempt);
  }
}

core::Outcome returned(std::string_view value, const Attempt& attempt) {
  if (value.size() > attempt.max_value_size) {
    return failed(core::Origin::kLimit, "futured::ValueTooLarge",
                  "the value has " + std::to_string(value.size()) + " bytes, the limit is " +
                      std::to_string(attempt.max_value_size),
                  attempt);
  }
  return core::Outcome::succeeded(core::Bytes(value));
}

core::Outcome threw(const std::exception_ptr& exception, bool stop_requested, const Attempt& attempt) {
  try {
    std::rethrow_exception(exception);
  } catch (const Cancelled&) {
    if (stop_requested) return core::Outcome::cancelled();
  } catch (const ArgumentError&) {
    return failed(core::Origin::kCall, describe(exception), attempt);
  } catch (const ValueTooLarge&) {
    return failed(core::Origin::kLimit, describe(exception), attempt);
  } catch (...) {
    // The function's own, among them a result that cannot be encoded.
  }
  return failed(core::Origin::kTask, describe(exception), attempt);
}

core::Outcome awaited(const std::exception_ptr& exception, std::string_view value, bool stop_requested,
                      const Attempt& attempt) {
  if (exception == nullptr) return returned(value, attempt);
  if (stop_requested && was_aborted(exception)) return core::Outcome::cancelled();
  return threw(exception, stop_requested, attempt);
}

core::Outcome failed(core::Error error) { return core::Outcome::failed(bounded(std::move(error), kMostErrorCauses)); }

core::Outcome unknown_function(std::string_view name, std::string_view executor, const Attempt& attempt) {
  return failed(core::Origin::kCall, "futured::UnknownFunction",
                "executor \"" + std::string(executor) + "\" has no function \"" + std::string(name) + "\"", attempt);
}

}  // namespace futured::exec
