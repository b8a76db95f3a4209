#include "tests/bench/process_stats.h"

#include <cerrno>
#include <ctime>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>

namespace futured::bench {
namespace {

std::size_t status_field(pid_t pid, const std::string& field) {
  const std::string path = "/proc/" + std::to_string(pid) + "/status";
  std::ifstream status(path);
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field + ":")) return std::stoul(line.substr(field.size() + 1));
  }
  throw std::runtime_error(path + " has no " + field);
}

}  // namespace

double cpu_seconds(pid_t pid) {
  clockid_t clock{};
  timespec time{};
  if (const int error = clock_getcpuclockid(pid, &clock); error != 0) {
    throw std::system_error(error, std::generic_category(), "processor time of process " + std::to_string(pid));
  }
  if (clock_gettime(clock, &time) != 0) {
    throw std::system_error(errno, std::generic_category(), "processor time of process " + std::to_string(pid));
  }
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

std::size_t resident_bytes(pid_t pid) { return status_field(pid, "VmRSS") * 1024; }

std::size_t threads(pid_t pid) { return status_field(pid, "Threads"); }

}  // namespace futured::bench
