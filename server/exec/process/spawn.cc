#include "server/exec/process/spawn.h"

#include <fcntl.h>
#include <spawn.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "server/exec/process/unique_fd.h"

namespace futured::exec {
namespace {

struct FileActions {
  FileActions() { ::posix_spawn_file_actions_init(&value); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  ~FileActions() { ::posix_spawn_file_actions_destroy(&value); }
  posix_spawn_file_actions_t value;
};

struct Attributes {
  Attributes() { ::posix_spawnattr_init(&value); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() { ::posix_spawnattr_destroy(&value); }
  posix_spawnattr_t value;
};

// Makes `descriptors` those from 0 on. The copies lie above all targets, so that none is overwritten before its turn;
// they are for as long as the spawn takes.
int redirect(const std::vector<int>& descriptors, FileActions& actions, std::vector<UniqueFd>& copies) {
  const int count = std::max(3, static_cast<int>(descriptors.size()));
  for (int i = 0; i < count; ++i) {
    const int source = i < static_cast<int>(descriptors.size()) ? descriptors[static_cast<std::size_t>(i)] : -1;
    int error = 0;
    if (source < 0) {
      error = ::posix_spawn_file_actions_addopen(&actions.value, i, "/dev/null", O_RDWR, 0);
    } else {
      copies.emplace_back(::fcntl(source, F_DUPFD_CLOEXEC, count));
      if (!copies.back()) return errno;
      error = ::posix_spawn_file_actions_adddup2(&actions.value, copies.back().get(), i);
    }
    if (error != 0) return error;
  }
  return ::posix_spawn_file_actions_addclosefrom_np(&actions.value, count);
}

void start_fresh(Attributes& attributes) {
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes.value, &none);
  ::posix_spawnattr_setsigdefault(&attributes.value, &all);
  ::posix_spawnattr_setpgroup(&attributes.value, 0);
  ::posix_spawnattr_setflags(&attributes.value, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (const std::string& each : strings) result.push_back(const_cast<char*>(each.c_str()));
  result.push_back(nullptr);
  return result;
}

}  // namespace

int spawn(const std::vector<std::string>& argv, const std::vector<std::string>& environment,
          const std::string& directory, const std::vector<int>& descriptors, pid_t& pid) {
  FileActions actions;
  std::vector<UniqueFd> copies;
  int error = redirect(descriptors, actions, copies);
  if (error == 0 && !directory.empty()) {
    error = ::posix_spawn_file_actions_addchdir_np(&actions.value, directory.c_str());
  }
  if (error != 0) return error;
  Attributes attributes;
  start_fresh(attributes);
  return ::posix_spawn(&pid, argv.front().c_str(), &actions.value, &attributes.value, pointers(argv).data(),
                       pointers(environment).data());
}

}  // namespace futured::exec
