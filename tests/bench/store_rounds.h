// The store alone, and the same records through a bare SQLite loop.
#pragma once

#include <cstdint>
#include <filesystem>

#include "tests/bench/samples.h"

namespace futured::bench {

// Submits so many tasks into a store in that folder, in appends of 128; each ends at once, and is forgotten when its
// end is durable. Returns the time from the first append until all are gone. Throws std::runtime_error.
Seconds store_round(const std::filesystem::path& folder, std::uint64_t tasks);

// The same insertions, updates and deletions in one thread: a commit for each `tasks_per_commit`.
Seconds bare_store_round(const std::filesystem::path& folder, std::uint64_t tasks, std::uint64_t tasks_per_commit);

// Leaves so many pending futures in a store, and returns how long opening and loading it takes.
Seconds store_load_round(const std::filesystem::path& folder, std::uint64_t futures);

// Of a write of one page to a file that is there, with fdatasync.
Seconds sync_time(const std::filesystem::path& folder);

}  // namespace futured::bench
