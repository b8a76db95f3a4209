#include "server/sandbox/seccomp.h"

#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <memory>

#include "server/sandbox/layer.h"

namespace futured::sandbox {
namespace {

constexpr int kDenied[] = {
    // Other processes.
    SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev), SCMP_SYS(process_madvise),
    SCMP_SYS(pidfd_getfd), SCMP_SYS(kcmp), SCMP_SYS(perf_event_open),
    // Mounts, roots and files by number.
    SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(pivot_root), SCMP_SYS(chroot), SCMP_SYS(move_mount),
    SCMP_SYS(open_tree), SCMP_SYS(fsopen), SCMP_SYS(fsconfig), SCMP_SYS(fsmount), SCMP_SYS(fspick),
    SCMP_SYS(mount_setattr), SCMP_SYS(open_by_handle_at), SCMP_SYS(quotactl), SCMP_SYS(quotactl_fd), SCMP_SYS(swapon),
    SCMP_SYS(swapoff), SCMP_SYS(acct), SCMP_SYS(fanotify_init),
    // Large and often broken interfaces of the kernel.
    SCMP_SYS(bpf), SCMP_SYS(keyctl), SCMP_SYS(add_key), SCMP_SYS(request_key), SCMP_SYS(io_uring_setup),
    SCMP_SYS(io_uring_enter), SCMP_SYS(io_uring_register), SCMP_SYS(userfaultfd), SCMP_SYS(vmsplice),
    // The machine.
    SCMP_SYS(init_module), SCMP_SYS(finit_module), SCMP_SYS(delete_module), SCMP_SYS(kexec_load),
    SCMP_SYS(kexec_file_load), SCMP_SYS(reboot), SCMP_SYS(settimeofday), SCMP_SYS(clock_settime),
    SCMP_SYS(clock_adjtime), SCMP_SYS(adjtimex), SCMP_SYS(sethostname), SCMP_SYS(setdomainname), SCMP_SYS(syslog),
    SCMP_SYS(iopl), SCMP_SYS(ioperm), SCMP_SYS(vhangup), SCMP_SYS(setns)};

constexpr unsigned long kNewNamespaces[] = {CLONE_NEWUSER, CLONE_NEWNS,  CLONE_NEWPID,   CLONE_NEWNET,
                                            CLONE_NEWIPC,  CLONE_NEWUTS, CLONE_NEWCGROUP};
constexpr unsigned long kRawSockets[] = {SOCK_RAW, SOCK_PACKET};
constexpr unsigned long kTerminalRequests[] = {TIOCSTI, TIOCLINUX};
constexpr unsigned long kSocketTypeMask = 0xf;
constexpr unsigned long kInt = 0xffffffff;

class Filter {
 public:
  Filter() : filter_(::seccomp_init(SCMP_ACT_ALLOW)) {
    if (!filter_) missing("seccomp", "cannot begin a filter", ENOMEM);
    require(::seccomp_attr_set(filter_.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS));
  }
  void deny(int call, int error = EPERM) {
    require(::seccomp_rule_add(filter_.get(), SCMP_ACT_ERRNO(static_cast<unsigned>(error)), call, 0));
  }
  void deny_if(int call, const scmp_arg_cmp& condition) {
    require(::seccomp_rule_add_array(filter_.get(), SCMP_ACT_ERRNO(EPERM), call, 1, &condition));
  }
  void load() {
    if (const int error = ::seccomp_load(filter_.get()); error != 0) {
      missing("seccomp", "cannot load the filter", -error);
    }
  }

 private:
  void require(int result) {
    if (result != 0) missing("seccomp", "cannot make a rule", -result);
  }
  struct Release {
    void operator()(void* filter) const { ::seccomp_release(filter); }
  };
  std::unique_ptr<void, Release> filter_;
};

scmp_arg_cmp masked(unsigned argument, unsigned long mask, unsigned long value) {
  return {argument, SCMP_CMP_MASKED_EQ, mask, value};
}

void deny_new_namespaces(Filter& filter) {
  for (const unsigned long flag : kNewNamespaces) {
    filter.deny_if(SCMP_SYS(clone), masked(0, flag, flag));
    filter.deny_if(SCMP_SYS(unshare), masked(0, flag, flag));
  }
  // Its flags are in memory, where a filter cannot look. The C library goes back to clone().
  filter.deny(SCMP_SYS(clone3), ENOSYS);
}

// A socket in the file system leads out of the network namespace: AF_UNIX is not among the two.
void deny_sockets(Filter& filter) {
  for (unsigned long family = 0; family < AF_INET6; ++family) {
    if (family != AF_INET) filter.deny_if(SCMP_SYS(socket), masked(0, kInt, family));
  }
  filter.deny_if(SCMP_SYS(socket), {0, SCMP_CMP_GT, AF_INET6, 0});
  for (const unsigned long type : kRawSockets) {
    filter.deny_if(SCMP_SYS(socket), masked(1, kSocketTypeMask, type));
  }
}

}  // namespace

void filter_system_calls() {
  Filter filter;
  for (const int call : kDenied) filter.deny(call);
  deny_new_namespaces(filter);
  deny_sockets(filter);
  for (const unsigned long request : kTerminalRequests) {
    filter.deny_if(SCMP_SYS(ioctl), masked(1, kInt, request));
  }
  filter.load();
}

}  // namespace futured::sandbox
