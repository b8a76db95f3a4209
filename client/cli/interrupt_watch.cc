#include "client/cli/interrupt_watch.h"

#include <cstdlib>
#include <utility>

namespace futured::cli {
namespace {

// Ends the watch; nobody else sends it.
constexpr int kEnd = SIGUSR1;

}  // namespace

InterruptWatch::InterruptWatch() {
  sigemptyset(&signals_);
  for (const int signal : {SIGINT, SIGTERM, kEnd}) sigaddset(&signals_, signal);
  pthread_sigmask(SIG_BLOCK, &signals_, &mask_before_);
}

void InterruptWatch::start(std::function<void()> action) {
  thread_ = std::thread([this, action = std::move(action)] {
    int signal = 0;
    sigwait(&signals_, &signal);
    if (signal == kEnd) return;
    action();
    // As a shell reports a program that the signal has ended.
    std::_Exit(128 + signal);
  });
}

InterruptWatch::~InterruptWatch() {
  if (thread_.joinable()) {
    pthread_kill(thread_.native_handle(), kEnd);
    thread_.join();
  }
  pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
}

}  // namespace futured::cli
