#include "server/sandbox/namespaces.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <utility>

#include "server/exec/process/unique_fd.h"
#include "server/sandbox/layer.h"
#include "server/sandbox/supervise.h"

namespace futured::sandbox {
namespace {

struct Namespace {
  int flag;
  const char* name;
};
constexpr Namespace kNamespaces[] = {{CLONE_NEWNS, "mount namespace"},
                                     {CLONE_NEWPID, "PID namespace"},
                                     {CLONE_NEWNET, "network namespace"},
                                     {CLONE_NEWIPC, "IPC namespace"}};
constexpr char kTmpOptions[] = "size=256m,mode=1777";

void write_file(const char* path, const std::string& text) {
  std::ofstream file(path);
  file << text << std::flush;
  if (!file) missing("user namespace", std::string("cannot write ") + path);
}

// It stays who it is.
void enter_user_namespace() {
  const std::string user = std::to_string(::geteuid());
  const std::string group = std::to_string(::getegid());
  if (::unshare(CLONE_NEWUSER) != 0) missing("user namespace", "not permitted here");
  write_file("/proc/self/setgroups", "deny");
  write_file("/proc/self/uid_map", user + " " + user + " 1");
  write_file("/proc/self/gid_map", group + " " + group + " 1");
}

void mount_over(const char* type, const char* path, unsigned long flags, const char* options) {
  if (::mount(type, path, type, flags, options) != 0) missing("mount namespace", std::string("cannot mount ") + path);
}

void set_read_only(const char* path, unsigned flags, bool read_only) {
  mount_attr change{};
  (read_only ? change.attr_set : change.attr_clr) = MOUNT_ATTR_RDONLY;
  if (::mount_setattr(AT_FDCWD, path, flags, &change, sizeof change) != 0) {
    missing("mount namespace", std::string("cannot make ") + path + (read_only ? " read-only" : " writable"));
  }
}

// Puts the directory that was opened before it was hidden, or became read-only, back to its place.
void keep_writable(const std::string& path, const exec::UniqueFd& directory) {
  std::error_code ignored;
  std::filesystem::create_directories(path, ignored);
  const std::string source = "/proc/self/fd/" + std::to_string(directory.get());
  if (::mount(source.c_str(), path.c_str(), nullptr, MS_BIND, nullptr) != 0) {
    missing("mount namespace", "cannot keep " + path);
  }
  set_read_only(path.c_str(), 0, false);
  if (::chdir(path.c_str()) != 0) missing("mount namespace", "cannot enter " + path);
}

// A file below /tmp, open since before that was hidden.
struct Hidden {
  std::string path;
  exec::UniqueFd file;
};

// One that is not there will be missed by whoever needs it.
std::vector<Hidden> open_hidden(const std::vector<std::string>& files) {
  std::vector<Hidden> hidden;
  for (const std::string& path : files) {
    if (!path.starts_with("/tmp/")) continue;
    exec::UniqueFd file(::open(path.c_str(), O_PATH | O_CLOEXEC));
    if (file) hidden.push_back({path, std::move(file)});
  }
  return hidden;
}

void show(const Hidden& file) {
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(file.path).parent_path(), ignored);
  const exec::UniqueFd place(::open(file.path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  const std::string source = "/proc/self/fd/" + std::to_string(file.file.get());
  if (!place || ::mount(source.c_str(), file.path.c_str(), nullptr, MS_BIND, nullptr) != 0) {
    missing("mount namespace", "cannot show " + file.path);
  }
}

void arrange_mounts(const std::string& writable, const std::vector<std::string>& files) {
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) missing("mount namespace", "not private");
  const exec::UniqueFd directory(writable.empty() ? -1 : ::open(writable.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory && !writable.empty()) missing("mount namespace", "cannot open " + writable);
  const std::vector<Hidden> hidden = open_hidden(files);
  set_read_only("/", AT_RECURSIVE, true);
  mount_over("tmpfs", "/tmp", MS_NOSUID | MS_NODEV, kTmpOptions);
  for (const Hidden& file : hidden) show(file);
  if (directory) keep_writable(writable, directory);
  mount_over("proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr);
}

pid_t fork_process() {
  const pid_t pid = ::fork();
  if (pid < 0) missing("PID namespace", "no process");
  return pid;
}

void keep_only(int descriptor) {
  if (descriptor > 0) ::close_range(0, static_cast<unsigned>(descriptor) - 1, 0);
  ::close_range(static_cast<unsigned>(descriptor) + 1, ~0U, 0);
}

// What the process stands in for ends as PID 1 reports; or as PID 1 ended, when it had no time to.
[[noreturn]] void stand_in(pid_t init, const exec::UniqueFd& report) {
  keep_only(report.get());
  int status = supervise(init, init);
  int reported = 0;
  if (::read(report.get(), &reported, sizeof reported) == sizeof reported) status = reported;
  end_like(status);
}

[[noreturn]] void be_init(pid_t program, const exec::UniqueFd& report) {
  keep_only(report.get());
  const int status = supervise(program, -program);
  const bool written = ::write(report.get(), &status, sizeof status) == sizeof status;
  ::_exit(written ? 0 : 1);
}

// As PID 1 it cannot see who its parent is; but that has the other end of the pipe.
void end_with_stand_in(const exec::UniqueFd& report) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) missing("parent-death signal", "prctl");
  pollfd other_end = {report.get(), 0, 0};
  if (::poll(&other_end, 1, 0) != 0) ::_exit(1);
}

}  // namespace

void enter_namespaces(const std::string& writable, const std::vector<std::string>& files) {
  enter_user_namespace();
  for (const Namespace& each : kNamespaces) {
    if (::unshare(each.flag) != 0) missing(each.name, "not permitted here");
  }
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) missing("PID namespace", "no pipe");
  exec::UniqueFd read_end(ends[0]);
  exec::UniqueFd write_end(ends[1]);
  hold_signals();
  if (const pid_t init = fork_process(); init > 0) {
    write_end.reset();
    stand_in(init, read_end);
  }
  read_end.reset();
  // Signals to the group of the stand-in come by way of it, once.
  ::setpgid(0, 0);
  end_with_stand_in(write_end);
  arrange_mounts(writable, files);
  if (const pid_t program = fork_process(); program > 0) {
    ::setpgid(program, program);
    be_init(program, write_end);
  }
  ::setpgid(0, 0);
  take_signals();
}

}  // namespace futured::sandbox
