// InterruptWatch: something to do before Ctrl-C ends the program.
#pragma once

#include <signal.h>

#include <functional>
#include <thread>

namespace futured::cli {

// While one exists, SIGINT and SIGTERM run an action on a thread of its own, and then end the program with the exit
// code 128 + signal. A second one ends it at once. To be created before any other thread, as only threads begun later
// leave these signals to it.
class InterruptWatch {
 public:
  explicit InterruptWatch(std::function<void()> action);
  // stop()
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

  // Ends the watch. When a signal has come, the program ends here instead, as soon as the action is done.
  void stop();

 private:
  void watch(const std::function<void()>& action) const;

  // SIGINT and SIGTERM, but for those that the program was started to ignore.
  sigset_t interrupts_;
  sigset_t mask_before_;
  std::thread thread_;
};

}  // namespace futured::cli
