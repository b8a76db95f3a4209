#include "server/open_store.h"

#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "server/core/ids.h"
#include "server/store/backup.h"
#include "server/store/fault_vfs.h"
#include "server/store/memory_store.h"
#include "server/store/sqlite_store.h"

namespace futured::server {
namespace {

constexpr std::string_view kCopyBegin = "backup-";
constexpr std::string_view kCopyEnd = ".db";
constexpr std::size_t kIdSize = 36;

// One that new_copy() names, or a file that is there while it is made. Nobody names a file of his own so by chance.
bool is_copy(std::string_view name) {
  if (!name.starts_with(kCopyBegin)) return false;
  name.remove_prefix(kCopyBegin.size());
  return core::parse_future_id(name.substr(0, kIdSize)) && name.substr(kIdSize).starts_with(kCopyEnd);
}

// The next start tries again what fails.
void remove_copies(const std::filesystem::path& directory) {
  std::error_code error;
  std::vector<std::filesystem::path> copies;
  for (std::filesystem::directory_iterator file(directory, error), end; !error && file != end; file.increment(error)) {
    if (is_copy(file->path().filename().native())) copies.push_back(file->path());
  }
  for (const auto& copy : copies) std::filesystem::remove(copy, error);
}

}  // namespace

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
  auto opened = store::SqliteStore::open({.directory = options.data_dir,
                                          .sync_every_commit = options.sync_every_commit,
                                          .log_limit = options.wal_limit,
                                          .low_water = options.min_disk_free,
                                          .vfs = *vfs},
                                         clock, callbacks);
  if (!opened) return tl::unexpected(opened.error());
  remove_copies(options.data_dir);
  return *std::move(opened);
}

std::filesystem::path new_copy(const Options& options) {
  std::string name(kCopyBegin);
  name += to_string(core::random_session_id());
  name += kCopyEnd;
  return std::filesystem::path(options.data_dir) / name;
}

core::Result<void> back_up_store(const Options& options, const std::string& copy) {
  return store::back_up_directory(options.data_dir, options.wal_limit, copy);
}

}  // namespace futured::server
