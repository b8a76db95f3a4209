#include "future_state.h"

#include <utility>

#include "futured/errors.h"
#include "task_error.h"

namespace futured::detail {

void FutureState::settle(Decoder decoder) {
  std::call_once(settled_, [this, decoder] {
    try {
      decode(decoder);
    } catch (...) {
      error_ = std::current_exception();
    }
    std::string().swap(payload);
  });
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
      std::rethrow_exception(broken);
  }
}

}  // namespace futured::detail
