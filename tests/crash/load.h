// Load: all the clients of a run, each on a thread.
#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "tests/crash/client.h"
#include "tests/crash/session_client.h"
#include "tests/crash/unary_client.h"

namespace futured::crash {

class Load {
 public:
  // Begins. The daemon's address must be known to the run.
  explicit Load(Run& run);
  // Winds up, if that was not done.
  ~Load();

  // With a daemon that stays: returns when all that was submitted has ended, or at the deadline.
  void finish();
  // Reads all outcomes again that the daemon still has to know, by a daemon started since.
  void read_all_again();

 private:
  Run& run_;
  std::vector<std::unique_ptr<UnaryClient>> unary_;
  std::vector<std::unique_ptr<SessionClient>> sessions_;
  std::vector<std::thread> threads_;
};

}  // namespace futured::crash
