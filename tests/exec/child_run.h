// ChildRun: a child process of a launcher, what it writes, and how it ends.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string>
#include <utility>
#include <vector>

#include "server/exec/process/spawn_launcher.h"

namespace futured::testing {

// Longer than anything here takes.
inline constexpr int kPatienceMilliseconds = 60'000;

inline bool becomes_readable(int descriptor) {
  pollfd wanted = {descriptor, POLLIN, 0};
  return ::poll(&wanted, 1, kPatienceMilliseconds) > 0;
}

// Its standard output and error are one pipe. Whoever is left is killed at the end.
class ChildRun {
 public:
  ChildRun(exec::Launcher& launcher, exec::Launch launch) : launcher_(launcher) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) std::abort();
    output_.reset(ends[0]);
    const exec::UniqueFd theirs(ends[1]);
    if (launch.descriptors.empty()) launch.descriptors = {-1, theirs.get(), theirs.get()};
    if (launch.environment.empty()) launch.environment = {"PATH=/usr/bin:/bin"};
    auto child = launcher_.launch(launch);
    EXPECT_TRUE(child) << child.error().message;
    if (child) child_ = std::move(*child);
  }
  ~ChildRun() {
    if (child_.pid > 0) {
      launcher_.signal_group(child_, SIGKILL);
      end();
    }
  }
  ChildRun(const ChildRun&) = delete;
  ChildRun& operator=(const ChildRun&) = delete;

  const exec::Child& child() const { return child_; }
  bool stopped() { return launcher_.is_stopped(child_); }
  void signal(int number) { launcher_.signal_group(child_, number); }

  // One more line, without its end; what there is of it when all writers are gone.
  std::string read_line() {
    std::string line;
    for (char byte = 0; read_byte(byte) && byte != '\n';) line += byte;
    return line;
  }
  // Until all writers are gone.
  std::string read_all() {
    std::string text;
    for (char byte = 0; read_byte(byte);) text += byte;
    return text;
  }
  // Waits until the process is gone.
  exec::ExitStatus end() {
    EXPECT_TRUE(becomes_readable(child_.pidfd.get()));
    const std::optional<exec::ExitStatus> status = launcher_.reap(child_);
    EXPECT_TRUE(status);
    child_ = exec::Child();
    return status.value_or(exec::ExitStatus());
  }

 private:
  bool read_byte(char& byte) {
    if (!becomes_readable(output_.get())) {
      ADD_FAILURE() << "the child writes nothing and does not end";
      return false;
    }
    return ::read(output_.get(), &byte, 1) == 1;
  }

  exec::Launcher& launcher_;
  exec::UniqueFd output_;
  exec::Child child_;
};

inline std::vector<std::string> shell(const std::string& script) { return {"/bin/sh", "-c", script}; }

}  // namespace futured::testing
