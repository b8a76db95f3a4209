// FaultVfs: the usual file system, of which the n-th operation of a kind fails, once or from then on.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <string>

namespace futured::testing {

enum class Operation { kWrite, kSync, kTruncate, kOpen };

// Registered with SQLite as long as it lives; all connections that use it must be closed before. May be used from any
// thread.
class FaultVfs {
 public:
  FaultVfs();
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  const std::string& name() const { return name_; }
  // The n-th operation of the kind from here on fails, n from 1; with `for_ever` all that follow too.
  void arm(Operation operation, long n, bool for_ever);
  void disarm() { left_ = -1; }
  // Whether an operation failed since it was armed.
  bool hit() const { return hit_; }
  // Whether this one is to fail. Called by the files.
  bool fails(Operation operation);

 private:
  const std::string name_;
  sqlite3_vfs vfs_{};
  std::atomic<Operation> operation_{Operation::kWrite};
  std::atomic<bool> for_ever_{false};
  std::atomic<long> left_{-1};
  std::atomic<bool> hit_{false};
};

}  // namespace futured::testing
