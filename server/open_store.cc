#include "server/open_store.h"

#include <utility>

#include "server/store/backup.h"
#include "server/store/fault_vfs.h"
#include "server/store/memory_store.h"
#include "server/store/sqlite_store.h"

namespace futured::server {

core::Result<std::unique_ptr<core::Store>> open_store(const Options& options, const core::Clock& clock, Logger& logger,
                                                      std::function<void()> on_failure) {
  if (options.memory) return std::make_unique<store::MemoryStore>();
  const store::Callbacks callbacks{
      [&logger, on_failure = std::move(on_failure)](const std::string& why) {
        logger.error("the store has failed; nothing is acknowledged any more", {{"why", why}});
        on_failure();
      },
      [&logger](const std::string& text) {
        logger.warning("store", {{"what", text}});
      }};
  const auto vfs = store::vfs_of_environment();
  if (!vfs) return tl::unexpected(vfs.error());
  auto opened = store::SqliteStore::open(
      {.directory = options.data_dir, .sync_every_commit = options.sync_every_commit, .vfs = *vfs}, clock, callbacks);
  if (!opened) return tl::unexpected(opened.error());
  return *std::move(opened);
}

core::Result<void> back_up_store(const Options& options, const std::string& copy) {
  return store::back_up_directory(options.data_dir, store::Options().log_limit, copy);
}

}  // namespace futured::server
