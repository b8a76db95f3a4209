#include "callback_thread.h"

#include <utility>

namespace futured::detail {

CallbackThread::CallbackThread() : queue_(std::make_shared<Queue>()), thread_([queue = queue_] { run(queue); }) {}

CallbackThread::~CallbackThread() {
  request_stop();
  if (thread_.joinable()) thread_.detach();
}

void CallbackThread::post(Function function) {
  {
    const std::lock_guard lock(queue_->mutex);
    queue_->functions.push_back(std::move(function));
  }
  queue_->changed.notify_one();
}

void CallbackThread::stop() {
  request_stop();
  if (!thread_.joinable()) return;
  if (is_current()) {
    thread_.detach();
  } else {
    thread_.join();
  }
}

void CallbackThread::request_stop() {
  {
    const std::lock_guard lock(queue_->mutex);
    queue_->stopping = true;
  }
  queue_->changed.notify_one();
}

void CallbackThread::run(const std::shared_ptr<Queue>& queue) {
  std::unique_lock lock(queue->mutex);
  for (;;) {
    queue->changed.wait(lock, [&] { return queue->stopping || !queue->functions.empty(); });
    if (queue->functions.empty()) return;
    Function function = std::move(queue->functions.front());
    queue->functions.pop_front();
    lock.unlock();
    function();
    function = nullptr;
    lock.lock();
  }
}

}  // namespace futured::detail
