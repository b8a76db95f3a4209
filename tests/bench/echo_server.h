// The bare gRPC server, in a process of its own like the daemon.
#pragma once

#include <string>

#include "tests/bench/child_process.h"

namespace futured::bench {

// Serves on a free port of the loopback interface, prints its address as a line, and returns when standard input ends.
// What the process that EchoProcess starts does.
void serve_echo();

// Starts this program with kEchoServerFlag.
class EchoProcess {
 public:
  static constexpr const char* kFlag = "--echo-server";

  // Throws std::runtime_error when it does not start.
  EchoProcess();

  const std::string& address() const { return address_; }
  pid_t pid() const { return child_.pid(); }

 private:
  ChildProcess child_;
  std::string address_;
};

}  // namespace futured::bench
