#include "future_state.h"

#include <utility>

#include "futured/errors.h"
#include "task_error.h"

namespace futured::detail {

// As std::call_once, at a tenth of its price: nearly always one thread alone comes, once.
void FutureState::settle(Decoder decoder) {
  Settled seen = settled_.load(std::memory_order_acquire);
  if (seen == Settled::kYes) return;
  if (seen == Settled::kNo && settled_.compare_exchange_strong(seen, Settled::kUnderway)) {
    try {
      decode(decoder);
    } catch (...) {
      error_ = std::current_exception();
    }
    std::string().swap(payload);
    settled_.store(Settled::kYes, std::memory_order_release);
    settled_.notify_all();
    return;
  }
  while ((seen = settled_.load(std::memory_order_acquire)) != Settled::kYes) settled_.wait(seen);
}

void FutureState::decode(Decoder decoder) {
  switch (status()) {
    case Status::kSucceeded:
      if (decoder != nullptr) value_ = decoder(payload);
      return;
    case Status::kFailed:
      throw make_task_error(payload);
    case Status::kCancelled:
      throw CancelledError("the future was cancelled");
    default:
      return;
  }
}

}  // namespace futured::detail
