#include "client/cli/interrupt_watch.h"

#include <cstdlib>
#include <utility>

namespace futured::cli {
namespace {

// Ends the watch; nobody else sends it.
constexpr int kEnd = SIGUSR1;

bool is_ignored(int signal) {
  struct sigaction action {};
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

sigset_t with_end(sigset_t signals) {
  sigaddset(&signals, kEnd);
  return signals;
}

// What the action has changed makes the rest of the program stop as well, and tidy up. It may be blocked, though, by a
// reader of its output that has stopped reading for example.
void wait_for_end() {
  sigset_t end;
  sigemptyset(&end);
  const sigset_t signals = with_end(end);
  const timespec patience{1, 0};
  sigtimedwait(&signals, nullptr, &patience);
}

}  // namespace

InterruptWatch::InterruptWatch(std::function<void()> action) {
  sigemptyset(&interrupts_);
  for (const int signal : {SIGINT, SIGTERM}) {
    if (!is_ignored(signal)) sigaddset(&interrupts_, signal);
  }
  const sigset_t signals = with_end(interrupts_);
  pthread_sigmask(SIG_BLOCK, &signals, &mask_before_);
  thread_ = std::thread([this, action = std::move(action)] { watch(action); });
}

void InterruptWatch::watch(const std::function<void()>& action) const {
  const sigset_t signals = with_end(interrupts_);
  int signal = 0;
  sigwait(&signals, &signal);
  if (signal == kEnd) return;
  pthread_sigmask(SIG_UNBLOCK, &interrupts_, nullptr);
  action();
  wait_for_end();
  std::_Exit(128 + signal);
}

InterruptWatch::~InterruptWatch() { stop(); }

void InterruptWatch::stop() {
  if (!thread_.joinable()) return;
  pthread_kill(thread_.native_handle(), kEnd);
  thread_.join();
  pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
}

}  // namespace futured::cli
