// Outcome: how a future ended. Core never looks inside a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "server/core/bytes.h"
#include "server/core/state.h"

namespace futured::core {

enum class Origin : std::uint8_t { kTask, kCall, kTimeout, kLimit, kDaemon, kWorker, kExecutor };

constexpr std::string_view to_string(Origin origin) {
  switch (origin) {
    case Origin::kTask:
      return "task";
    case Origin::kCall:
      return "call";
    case Origin::kTimeout:
      return "timeout";
    case Origin::kLimit:
      return "limit";
    case Origin::kDaemon:
      return "daemon";
    case Origin::kWorker:
      return "worker";
    case Origin::kExecutor:
      return "executor";
  }
  return "?";
}

// Bytes that only the two ends understand, and the name of their encoding.
struct Opaque {
  std::string codec;
  std::string data;
};

// Why a task failed.
struct Error {
  Origin origin = Origin::kTask;
  std::string type;
  std::string message;
  std::string traceback;
  std::shared_ptr<const Error> cause;
  std::uint32_t attempt = 0;
  std::string worker;
  // What was raised, as its language understands it; null where that was not sent.
  std::shared_ptr<const Opaque> exception = nullptr;
};

struct Outcome {
  // kSucceeded, kFailed or kCancelled; anything else: no outcome yet.
  State state = State::kPending;
  // Serialized futured.v1.Value of a success.
  Bytes value;
  // Set for a failure.
  std::shared_ptr<const Error> error;

  static Outcome succeeded(Bytes value) { return {State::kSucceeded, std::move(value), nullptr}; }
  static Outcome failed(Error error) {
    return {State::kFailed, Bytes(), std::make_shared<const Error>(std::move(error))};
  }
  static Outcome cancelled() { return {State::kCancelled, Bytes(), nullptr}; }

  // Bytes of the value, or of the error's texts and exceptions.
  std::size_t size() const {
    std::size_t bytes = value.size();
    for (const Error* e = error.get(); e != nullptr; e = e->cause.get()) {
      bytes += e->type.size() + e->message.size() + e->traceback.size();
      if (e->exception != nullptr) bytes += e->exception->data.size();
    }
    return bytes;
  }
};

}  // namespace futured::core
