// Ledger: the claims of one worker process's tasks, in memory that it shares with the daemon.
#pragma once

#include <cstddef>
#include <span>

#include "server/core/claim.h"
#include "server/exec/process/unique_fd.h"

namespace futured::exec {

// Not thread-safe, but for the claims.
class Ledger {
 public:
  // Daemon: `words` claims in new memory, which nobody can shrink. Throws std::system_error.
  static Ledger create(std::size_t words);
  // Worker: the daemon's, by its descriptor. Throws std::system_error.
  static Ledger map(UniqueFd memory, std::size_t words);
  Ledger(Ledger&& other) noexcept;
  Ledger& operator=(Ledger&&) = delete;
  ~Ledger();

  core::Claim& operator[](std::size_t i) { return claims_[i]; }
  std::size_t size() const { return claims_.size(); }
  std::span<core::Claim> claims() const { return claims_; }
  // Of the memory; close-on-exec.
  int descriptor() const { return memory_.get(); }

 private:
  Ledger(UniqueFd memory, std::size_t words);

  UniqueFd memory_;
  std::span<core::Claim> claims_;
};

}  // namespace futured::exec
