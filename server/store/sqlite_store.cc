#include "server/store/sqlite_store.h"

#include <algorithm>
#include <utility>

#include "server/store/backup.h"
#include "server/store/open_database.h"
#include "server/store/row.h"
#include "server/store/schema.h"

namespace futured::store {
namespace {

constexpr std::size_t kFuturesAtOnce = 4096;

core::Status damaged_row(const std::filesystem::path& file, std::uint64_t sequence) {
  return {core::Reason::kDataRefused,
          "cannot load " + file.string() + ": future " + std::to_string(sequence) + " is damaged; nothing was removed"};
}

// On a disk that is full: what is kept must be there for its clients even then. False: room is not what is lacking, or
// there is no more of it.
bool make_room(const DataDirectory& directory) {
  std::error_code error;
  const auto ballast = std::filesystem::file_size(directory.ballast(), error);
  if (error || std::filesystem::space(directory.path(), error).available >= ballast || error) return false;
  return std::filesystem::remove(directory.ballast(), error);
}

}  // namespace

core::Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const Options& options, const core::Clock& clock,
                                                             Callbacks callbacks) {
  auto directory = DataDirectory::claim(options.directory);
  if (!directory) return tl::unexpected(directory.error());
  const OpenSettings settings{options.sync_every_commit, options.log_limit, options.vfs, schema_steps()};
  auto opened = open_database(*directory, settings, clock);
  if (!opened && make_room(*directory)) opened = open_database(*directory, settings, clock);
  if (!opened) return tl::unexpected(opened.error());
  std::unique_ptr<SqliteStore> store(new SqliteStore(options, clock, *std::move(directory)));
  auto writer =
      Writer::start(std::move(opened->connection), {store->directory_.path(), options.log_limit, options.gather_for},
                    DiskSpace(store->directory_, {options.ballast, options.low_water}), clock, std::move(callbacks));
  if (!writer) return tl::unexpected(to_status(writer.error(), "cannot use", store->directory_.database()));
  store->writer_ = *std::move(writer);
  store->store_id_ = std::move(opened->store_id);
  store->starts_ = opened->starts;
  store->closed_in_order_ = opened->closed_in_order;
  return store;
}

SqliteStore::SqliteStore(const Options& options, const core::Clock& clock, DataDirectory directory)
    : options_(options), clock_(clock), directory_(std::move(directory)) {}

SqliteStore::~SqliteStore() = default;

core::Result<core::Loaded> SqliteStore::load(const Consumer& consumer) const {
  const auto file = directory_.database();
  const auto cannot = [&](const SqliteError& error) {
    return tl::unexpected<core::Status>(to_status(error, "cannot load", file));
  };
  auto connection = open_reader(file, options_.vfs);
  if (!connection) return tl::unexpected(connection.error());
  const auto remembered = connection->query_number("SELECT sequence FROM meta");
  if (!remembered) return cannot(remembered.error());
  auto rows = connection->prepare(RowReader::kSelect);
  if (!rows) return cannot(rows.error());
  RowReader reader{WallTimes(clock_)};
  core::Loaded loaded;
  loaded.ended_in_order = closed_in_order_;
  std::vector<core::StoredFuture> futures;
  for (;;) {
    const auto row = rows->next();
    if (!row) return cannot(row.error());
    if (*row && !reader.read(*rows, futures.emplace_back())) {
      return tl::unexpected(damaged_row(file, static_cast<std::uint64_t>(rows->number(0))));
    }
    if (futures.size() < kFuturesAtOnce && *row) continue;
    loaded.futures += futures.size();
    if (!futures.empty()) loaded.highest_sequence = futures.back().sequence;
    if (!futures.empty()) consumer(std::exchange(futures, {}));
    if (!*row) break;
    futures.reserve(kFuturesAtOnce);
  }
  loaded.highest_sequence = std::max(loaded.highest_sequence, static_cast<std::uint64_t>(*remembered));
  return loaded;
}

void SqliteStore::append(std::vector<core::Transition> transitions, std::function<void()> when_durable) {
  writer_->append(std::move(transitions), std::move(when_durable));
}

std::optional<core::Status> SqliteStore::refusal() const { return writer_->refusal(); }

core::Result<void> SqliteStore::backup(const std::filesystem::path& copy, const std::function<bool()>& unwanted) const {
  auto reader = open_reader(directory_.database(), options_.vfs);
  if (!reader) return tl::unexpected(reader.error());
  if (auto room = check_room(*reader, copy, options_.low_water); !room) return room;
  bool is_unwanted = false;
  auto done = back_up(*reader, copy, [&] {
    is_unwanted = unwanted();
    return is_unwanted || writer_->log_bytes() > kLogLimitsOfBackup * options_.log_limit;
  });
  if (!done && is_unwanted) return core::failure(core::Reason::kCallerGone, "nobody wants the copy any more");
  return done;
}

void SqliteStore::close() { writer_->close(); }

}  // namespace futured::store
