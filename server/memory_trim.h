// MemoryTrim: gives memory back to the system after a burst.
//
// What malloc was told to free stays in its arenas: after 10,000 waiting calls have gone, or one connection with very
// many short streams, hundreds of megabytes that nobody uses. malloc_trim() returns them, but goes through each arena
// under its lock, as does the look at what they hold. So both are done on a thread for that, only when something large
// has ended, and not again for a while.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <thread>

#include "server/core/clock.h"
#include "server/core/mutex.h"

namespace futured::server {

class MemoryTrim {
 public:
  struct Settings {
    // From what has ended until its memory is free.
    core::Duration settle = std::chrono::seconds(1);
    // Between two looks, at least.
    core::Duration pause = std::chrono::seconds(10);
    // With less that is unused, beyond what the last trim had to leave, there is nothing to be gained, bytes.
    std::uint64_t growth = std::uint64_t{8} << 20;
    // Called on the thread of the MemoryTrim; may block.
    std::function<void()> trim = give_back;
  };

  MemoryTrim() : MemoryTrim(Settings()) {}
  explicit MemoryTrim(Settings settings);
  // Waits for a trim that has begun, and drops what was asked for.
  ~MemoryTrim();
  MemoryTrim(const MemoryTrim&) = delete;
  MemoryTrim& operator=(const MemoryTrim&) = delete;

  // Something that may have held much memory has ended. Never blocks for long; from any thread.
  void ask() FUTURED_EXCLUDES(mu_);

  // malloc_trim() of all arenas.
  static void give_back();

 private:
  void run();
  // False: stopped.
  bool wait_until_asked() FUTURED_EXCLUDES(mu_);
  bool rest(core::Duration time) FUTURED_EXCLUDES(mu_);
  // Trims, if there is something to be gained.
  void look() FUTURED_EXCLUDES(mu_);

  const Settings settings_;
  // Of its thread: unused bytes, the least since the last trim.
  std::uint64_t least_;
  core::Mutex mu_;
  core::CondVar changed_;
  bool asked_ FUTURED_GUARDED_BY(mu_) = false;
  bool stopping_ FUTURED_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

// Resident memory of this process, bytes; 0 where the system does not tell.
std::uint64_t resident_bytes();
// Of it, what is not in use by who asked malloc for it: free memory, code, stacks.
std::uint64_t unused_bytes();

}  // namespace futured::server
