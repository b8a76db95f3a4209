// The thread that runs an executor's done callbacks.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace futured::detail {

// Runs functions one after another. Safe from any thread. Destroying it does not wait: what was posted still runs.
class CallbackThread {
 public:
  using Function = std::function<void()>;

  CallbackThread();
  ~CallbackThread();
  CallbackThread(const CallbackThread&) = delete;
  CallbackThread& operator=(const CallbackThread&) = delete;

  // What the function throws ends the process: it catches.
  void post(Function function);
  // Waits until everything posted before has run, and ends the thread; nothing may be posted afterwards. On the thread
  // itself it does not wait.
  void stop();
  // Whether this is the thread.
  bool is_current() const noexcept { return std::this_thread::get_id() == thread_.get_id(); }

 private:
  struct Queue {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Function> functions;
    bool stopping = false;
  };

  static void run(const std::shared_ptr<Queue>& queue);
  void request_stop();

  const std::shared_ptr<Queue> queue_;  // Shared with the thread, which may outlive this.
  std::thread thread_;
};

}  // namespace futured::detail
