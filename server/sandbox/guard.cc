#include "server/sandbox/guard.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "server/exec/process/descendants.h"
#include "server/sandbox/basic.h"
#include "server/sandbox/layer.h"
#include "server/sandbox/supervise.h"

namespace futured::sandbox {
namespace {

// Of the daemon's end. This one goes through to a process that is stopped.
constexpr int kDaemonEnded = SIGCONT;
constexpr int kLookEveryMilliseconds = 1;

bool kill_descendants() {
  bool some_lived = false;
  for (const pid_t pid : exec::descendants_of(::getpid())) {
    if (!exec::has_ended(pid) && ::kill(pid, SIGKILL) == 0) some_lived = true;
  }
  return some_lived;
}

// Reaps when all are dead, not before: until then they hold the places that would let others be forked. Leaves those
// that it may not kill.
void end_descendants() {
  do {
    while (kill_descendants()) ::poll(nullptr, 0, kLookEveryMilliseconds);
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
  } while (kill_descendants());
}

// Reaps whatever has ended. True, and sets its status: the program is among them.
bool reap(pid_t program, int& status) {
  int each = 0;
  bool found = false;
  for (pid_t ended; (ended = ::waitpid(-1, &each, WNOHANG)) > 0;) {
    if (ended != program) continue;
    status = each;
    found = true;
  }
  return found;
}

[[noreturn]] void guard(pid_t program, pid_t parent) {
  ::close_range(0, ~0U, 0);
  if (::chdir("/") != 0) ::_exit(exec::kSandboxFailed);
  sigset_t all;
  sigfillset(&all);
  // A wait status: killed.
  for (int status = SIGKILL;;) {
    siginfo_t signal{};
    ::sigwaitinfo(&all, &signal);
    const bool told_to_end = signal.si_signo == exec::kEndAll && signal.si_pid == parent;
    if (!reap(program, status) && !told_to_end && ::getppid() == parent) continue;
    end_descendants();
    end_like(status);
  }
}

}  // namespace

void enter_guarded(pid_t parent) {
  hold_signals();
  keep_orphans();
  if (parent == 0) parent = ::getppid();
  if (::prctl(PR_SET_PDEATHSIG, kDaemonEnded, 0, 0, 0) != 0) missing("guard", "prctl");
  if (::getppid() != parent) ::_exit(exec::kSandboxFailed);
  const pid_t self = ::getpid();
  const pid_t program = ::fork();
  if (program < 0) missing("guard", "no process");
  if (program > 0) guard(program, parent);
  end_with_parent(self);
  take_signals();
}

}  // namespace futured::sandbox
