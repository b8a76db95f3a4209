#include "server/exec/process/descendants.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
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

// As proc(5) counts them.
constexpr int kStateField = 3;
constexpr int kThreadsField = 20;

// The fields of /proc/PID/stat from its state on; empty: there is no such process.
std::string stat_of(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(stat, line);
  // Behind its name, which is in parentheses and may hold some itself.
  const std::size_t name_end = line.rfind(") ");
  return name_end == std::string::npos ? "" : line.substr(name_end + 2);
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
  const std::string fields = stat_of(pid);
  return fields.empty() ? '\0' : fields.front();
}

bool has_ended(pid_t pid) {
  const std::string fields = stat_of(pid);
  if (fields.empty()) return true;
  std::istringstream rest(fields.substr(1));
  std::int64_t number = 0;
  for (int field = kStateField + 1; field <= kThreadsField; ++field) rest >> number;
  return fields.front() == 'Z' && number <= 1;
}

}  // namespace futured::exec
