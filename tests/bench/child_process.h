// ChildProcess: a program with pipes to its standard input and output.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace futured::bench {

class ChildProcess {
 public:
  // Throws std::system_error when it cannot be started.
  ChildProcess(const std::string& program, const std::vector<std::string>& arguments);
  // Closes its standard input, kills it, and waits for its end.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  // The next line of its output; empty when it ends first. Blocks.
  std::string read_line();

 private:
  pid_t pid_ = -1;
  int input_ = -1;
  int output_ = -1;
};

}  // namespace futured::bench
