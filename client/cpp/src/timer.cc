#include "timer.h"

#include <utility>

namespace futured::detail {

void Timer::arm(std::chrono::steady_clock::duration delay, std::function<void()> function) {
  // An alarm cannot be set twice.
  alarm_ = std::make_unique<grpc::Alarm>();
  alarm_->Set(std::chrono::system_clock::now() + std::chrono::ceil<std::chrono::milliseconds>(delay),
              [function = std::move(function)](bool in_time) {
                if (in_time) function();
              });
}

}  // namespace futured::detail
