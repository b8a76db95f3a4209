#include "server/rpc/work_thread.h"

#include <utility>

namespace futured::rpc {

WorkThread::WorkThread() : thread_([this] { run(); }) {}

WorkThread::~WorkThread() { stop(); }

void WorkThread::post(std::function<void()> work) {
  core::MutexLock lock(mu_);
  if (stopped_) return;
  waiting_.push_back(std::move(work));
  changed_.notify_one();
}

void WorkThread::stop() {
  std::deque<std::function<void()>> dropped;
  {
    core::MutexLock lock(mu_);
    stopped_ = true;
    dropped.swap(waiting_);
    changed_.notify_one();
  }
  dropped.clear();
  if (thread_.joinable()) thread_.join();
}

void WorkThread::run() {
  while (const auto work = next()) work();
}

std::function<void()> WorkThread::next() {
  core::MutexLock lock(mu_);
  while (waiting_.empty() && !stopped_) changed_.wait(mu_);
  if (stopped_) return nullptr;
  auto work = std::move(waiting_.front());
  waiting_.pop_front();
  return work;
}

}  // namespace futured::rpc
