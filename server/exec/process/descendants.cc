#include "server/exec/process/descendants.h"

#include <filesystem>
#include <fstream>
#include <string>

namespace futured::exec {
namespace {

void add_children(pid_t pid, std::vector<pid_t>& all) {
  std::error_code error;
  // Each thread has children; one that ends in between gives its own to another, where the next look finds them.
  const std::string threads = "/proc/" + std::to_string(pid) + "/task";
  for (std::filesystem::directory_iterator thread(threads, error), end; !error && thread != end;
       thread.increment(error)) {
    std::ifstream children(thread->path() / "children");
    for (pid_t child = 0; children >> child;) all.push_back(child);
  }
}

}  // namespace

std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> children;
  add_children(pid, children);
  return children;
}

std::vector<pid_t> descendants_of(pid_t pid) {
  std::vector<pid_t> all = children_of(pid);
  for (std::size_t i = 0; i < all.size(); ++i) add_children(all[i], all);
  return all;
}

char process_state(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(stat, line);
  // Behind its name, which is in parentheses and may hold some itself.
  const std::size_t name_end = line.rfind(") ");
  return name_end == std::string::npos ? '\0' : line[name_end + 2];
}

}  // namespace futured::exec
