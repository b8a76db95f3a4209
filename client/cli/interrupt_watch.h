// InterruptWatch: something to do before Ctrl-C ends the program.
#pragma once

#include <signal.h>

#include <functional>
#include <thread>

namespace futured::cli {

// While one exists, SIGINT and SIGTERM run an action on a thread of its own, and then end the program. To be created
// before any other thread, as only threads begun later leave these signals to it.
class InterruptWatch {
 public:
  InterruptWatch();
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

  // Sets the action, and begins to watch. Once.
  void start(std::function<void()> action);

 private:
  sigset_t signals_;
  sigset_t mask_before_;
  std::thread thread_;
};

}  // namespace futured::cli
