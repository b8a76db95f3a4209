// posix_spawn for children of which the daemon keeps nothing back and to which it leaves nothing.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace futured::exec {

// Starts `argv` in a process group of its own, with empty signal mask and default signal actions. `descriptors` as in
// Launch; `directory` may be empty. 0, and sets `pid`; or an errno.
int spawn(const std::vector<std::string>& argv, const std::vector<std::string>& environment,
          const std::string& directory, const std::vector<int>& descriptors, pid_t& pid);

}  // namespace futured::exec
