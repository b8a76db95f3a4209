// Ledger: memory that one worker process shares with the daemon: the claims of its tasks, and the journal of results
// that it has not sent yet, so that those of finished tasks survive it.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "server/core/claim.h"
#include "server/core/status.h"
#include "server/exec/process/unique_fd.h"

namespace futured::exec {

// Frames that a worker has not sent. The worker's side is for one thread at a time.
class Journal {
 public:
  static constexpr std::size_t kSize = std::size_t{64} << 10;

  // Worker: appends a frame; false if there is no room for it.
  bool append(std::string_view frame);
  // Worker: what was appended since the last clear().
  std::string_view content() const { return {bytes_.data(), filled_.load(std::memory_order_relaxed)}; }
  void clear() { filled_.store(0, std::memory_order_release); }
  // Daemon: a copy of what is there. A worker that still lives may change it meanwhile.
  std::string copy() const;

 private:
  std::atomic<std::uint64_t> filled_{0};
  std::array<char, kSize> bytes_;
};

// Not thread-safe, but for the claims.
class Ledger {
 public:
  // Daemon: `words` claims in new memory, which nobody can shrink. kUnavailable when there is none to be had.
  static core::Result<Ledger> create(std::size_t words);
  // Worker: the daemon's, by its descriptor. Throws std::system_error.
  static Ledger map(UniqueFd memory, std::size_t words);
  Ledger(Ledger&& other) noexcept;
  Ledger& operator=(Ledger&&) = delete;
  ~Ledger();

  core::Claim& operator[](std::size_t i) { return claims_[i]; }
  std::size_t size() const { return claims_.size(); }
  std::span<core::Claim> claims() const { return claims_; }
  Journal& journal() const { return *journal_; }
  // Of the memory; close-on-exec.
  int descriptor() const { return memory_.get(); }

 private:
  Ledger(UniqueFd memory, std::size_t words);
  static Ledger create_memory(std::size_t words);

  UniqueFd memory_;
  std::span<core::Claim> claims_;
  Journal* journal_ = nullptr;
};

}  // namespace futured::exec
