// Opens the store that the options ask for.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "server/core/clock.h"
#include "server/core/status.h"
#include "server/core/store.h"
#include "server/log.h"
#include "server/options.h"

namespace futured::server {

// `clock` and `logger` must outlive the store. `on_failure` is called at most once, by the store's thread, when it has
// failed for good. The failure names the directory or file, and what is wrong with it. Removes files of new_copy() that
// a daemon which was killed has left.
core::Result<std::unique_ptr<core::Store>> open_store(const Options& options, const core::Clock& clock, Logger& logger,
                                                      std::function<void()> on_failure);

// A name in the options' data directory for a copy that the daemon makes for itself, different each time.
std::filesystem::path new_copy(const Options& options);

// Copies the database of the options' data directory, which a daemon may be using, into a new file.
core::Result<void> back_up_store(const Options& options, const std::string& copy);

}  // namespace futured::server
