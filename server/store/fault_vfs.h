// FaultVfs: for tests. The usual file system, of which the n-th operation of a kind fails, once or from then on.
//
// The environment's FUTURED_FAULT_AT=KIND:N[:ever] gives one to a daemon: the N-th write, sync, truncate, open, delete
// or read of its database's files fails, or all from then on. When that comes the daemon says so on standard error.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "server/core/status.h"

namespace futured::store {

// After a sync that has failed the file is as it was after the last one that had not: the system may have dropped what
// it could not write.
struct Fault {
  enum class Kind { kWrite, kSync, kTruncate, kOpen, kDelete, kRead };
  Kind kind = Kind::kWrite;
  // From 1.
  long n = 1;
  bool for_ever = false;
};

// KIND:N[:ever]; nothing when it is none.
std::optional<Fault> parse_fault(std::string_view text);

// Registered with SQLite as long as it lives, which is longer than all connections that use it. May be used from any
// thread.
class FaultVfs {
 public:
  // `on_fault` is called when an operation fails for the first time since the fault was armed, by the thread that meets
  // it.
  explicit FaultVfs(std::function<void()> on_fault = {});
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  const std::string& name() const { return name_; }
  // Operations are counted from here on.
  void arm(const Fault& fault);
  void disarm() { left_ = -1; }
  // Whether an operation has failed since it was armed.
  bool hit() const { return hit_; }
  // Whether this one is to fail; errno says why then. Called by the files.
  bool fails(Fault::Kind kind);

 private:
  const std::string name_;
  const std::function<void()> on_fault_;
  sqlite3_vfs vfs_{};
  std::atomic<Fault::Kind> kind_{Fault::Kind::kWrite};
  std::atomic<bool> for_ever_{false};
  std::atomic<long> left_{-1};
  std::atomic<bool> hit_{false};
};

// The name of the file system layer of the environment's fault, which lives as long as the process; empty when there is
// none. A fault that cannot be understood is refused (kInvalidArgument).
core::Result<std::string> vfs_of_environment();

}  // namespace futured::store
