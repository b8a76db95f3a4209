#include "server/sandbox/supervise.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "server/exec/process/sandbox.h"

namespace futured::sandbox {
namespace {

constexpr int kSignalOffset = 128;

sigset_t all_signals() {
  sigset_t all;
  sigfillset(&all);
  return all;
}

}  // namespace

void hold_signals() {
  const sigset_t all = all_signals();
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
}

void take_signals() {
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

int supervise(pid_t child, pid_t target) {
  const sigset_t all = all_signals();
  for (;;) {
    const int signal = ::sigwaitinfo(&all, nullptr);
    if (signal != SIGCHLD) {
      if (signal == exec::kEndAll) {
        ::kill(child, SIGKILL);
      } else if (signal > 0) {
        ::kill(target, signal);
      }
      continue;
    }
    int status = 0;
    for (pid_t ended; (ended = ::waitpid(-1, &status, WNOHANG)) > 0;) {
      if (ended == child) return status;
    }
  }
}

void end_like(int wait_status) {
  if (!WIFSIGNALED(wait_status)) ::_exit(WEXITSTATUS(wait_status));
  // The core file, if any, is that of the other.
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  // No other signal that waits may come first.
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, WTERMSIG(wait_status));
  ::raise(WTERMSIG(wait_status));
  ::sigprocmask(SIG_UNBLOCK, &one, nullptr);
  ::_exit(kSignalOffset + WTERMSIG(wait_status));
}

}  // namespace futured::sandbox
