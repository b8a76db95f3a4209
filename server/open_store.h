// Opens the store that the options ask for.
#pragma once

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
// failed for good. The failure names the directory or file, and what is wrong with it.
core::Result<std::unique_ptr<core::Store>> open_store(const Options& options, const core::Clock& clock, Logger& logger,
                                                      std::function<void()> on_failure);

// Copies the database of the options' data directory, which a daemon may be using, into a new file.
core::Result<void> back_up_store(const Options& options, const std::string& copy);

}  // namespace futured::server
