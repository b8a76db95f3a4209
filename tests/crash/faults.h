// Faults of the disk under a daemon with clients: it goes on where nothing is at stake, or it ends and says why; and
// the next daemon has all that was acknowledged.
#pragma once

#include <string>

namespace futured::crash {

struct FaultSettings {
  // One of those of server/store/fault_vfs.h; empty: all.
  std::string kind;
  // Of run_faults(): how many N are tried, of 1, 2, 3, 5, 8, 13, ..., for each kind, until there is no N-th operation.
  int places = 8;
  // Of run_read_only().
  int turns = 10;
};

// Each prints its figures and returns the exit code; 77: it cannot be run here.
int run_faults(const FaultSettings& settings);
int run_read_only(const FaultSettings& settings);

}  // namespace futured::crash
