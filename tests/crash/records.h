// What happened, as written down while it did: by the client in its ledger, by the functions in the file of executions.
//
// Both are appended to, and nothing else is believed. A time is that of the machine's monotonic clock, in nanoseconds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <span>
#include <vector>

namespace futured::crash {

std::uint64_t now_ns();

// What a client knows of a future.
enum class Entry : std::uint32_t {
  // The daemon has acknowledged the submission.
  kAccepted,
  // The daemon has told the outcome; see Fact::result and digest.
  kOutcome,
  // The daemon has said that it cancelled the future before it began.
  kCancelled,
  // The client is about to tell the daemon that it may forget the future.
  kReleasing,
  // The daemon has said that it does not know the future.
  kUnknown,
  // The daemon has told the outcome before, was not told that it may forget it, and does not tell it again.
  kUntold,
  // The next life of the daemon is about to begin; of no future.
  kLife,
  // The life of the daemon is about to end; of no future.
  kDeath,
  // So is the machine's: what is seen of the rest of this life nobody would have seen. Of no future.
  kPowerCut,
  // At this time a submission was sent that the same life has acknowledged: what the daemon had handed to its store
  // before is stored. Of no future.
  kStored,
};
inline constexpr std::size_t kEntries = 10;

// An outcome, as the client judges it.
enum class Result : std::uint32_t { kNone, kRightValue, kOwnError, kDaemonRestarted, kExpired, kCancelled, kWrong };

struct Fact {
  std::uint64_t key = 0;
  std::uint64_t at = 0;
  Entry entry = Entry::kAccepted;
  Result result = Result::kNone;
  // Of the outcome, all of it.
  std::uint64_t digest = 0;
  // The one that failed, as the error says.
  std::uint64_t attempt = 0;
  bool operator==(const Fact&) const = default;
};

// A function has begun.
struct Execution {
  std::uint64_t key = 0;
  std::uint64_t at = 0;
  // Of the daemon, from 1.
  std::uint64_t life = 0;
  // Of the task, from 1.
  std::uint64_t attempt = 1;
  bool operator==(const Execution&) const = default;
};

// Thread-safe.
class Ledger {
 public:
  // A new file. Throws std::runtime_error.
  explicit Ledger(const std::filesystem::path& file);
  ~Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  // Returns when they are synced. Throws std::runtime_error.
  void append(std::span<const Fact> facts);
  // How many of a kind there are.
  std::uint64_t count(Entry entry) const;

 private:
  const int file_;
  mutable std::mutex mu_;
  std::uint64_t counts_[kEntries] = {};
};

// One write, which the kernel does not mix with others and keeps when the process dies. Throws std::runtime_error.
void append_execution(int file, const Execution& execution);

std::vector<Fact> read_facts(const std::filesystem::path& file);
std::vector<Execution> read_executions(const std::filesystem::path& file);

}  // namespace futured::crash
