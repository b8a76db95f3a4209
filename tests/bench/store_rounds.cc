#include "tests/bench/store_rounds.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "server/store/sqlite.h"
#include "server/store/sqlite_store.h"

namespace futured::bench {
namespace {

using core::Transition;

constexpr std::uint64_t kAppend = 128;
// Tasks that are on their way.
constexpr std::uint64_t kInFlight = 32'768;
const core::Bytes kArguments("\x0a\x06\x0a\x04\x08\x01\x10\x02");
const core::Bytes kValue("\x08\x2a");

core::FutureId id_of(std::uint64_t sequence) { return {0x0123456789ab8def, 0x8000'0000'0000'0000 | sequence}; }

Transition submit_of(std::uint64_t sequence, core::Time now) {
  Transition transition{id_of(sequence), sequence, {}, {}, 0, now, {}, {}, nullptr, {}, false};
  transition.task = std::make_unique<const core::StoredTask>(
      core::StoredTask{"bench.noop", "default", kArguments, core::TaskOptions(), now});
  return transition;
}

Transition end_of(std::uint64_t sequence, core::Time now) {
  return {id_of(sequence),
          sequence,
          core::State::kPending,
          core::State::kSucceeded,
          1,
          now,
          now,
          {},
          nullptr,
          core::Outcome::succeeded(kValue),
          false};
}

Transition forget_of(std::uint64_t sequence, core::Time now) {
  return {
      id_of(sequence), sequence, core::State::kSucceeded, core::State::kSucceeded, 1, now, {}, {}, nullptr, {}, true};
}

std::vector<Transition> of_each(Transition (*make)(std::uint64_t, core::Time), std::uint64_t first) {
  const auto now = std::chrono::steady_clock::now();
  std::vector<Transition> transitions;
  transitions.reserve(kAppend);
  for (std::uint64_t i = first; i < first + kAppend; ++i) transitions.push_back(make(i, now));
  return transitions;
}

std::unique_ptr<store::SqliteStore> open(const std::filesystem::path& folder, const core::Clock& clock) {
  store::Options options;
  options.directory = folder;
  auto opened = store::SqliteStore::open(options, clock, {[](const std::string&) {}, [](const std::string&) {}});
  if (!opened) throw std::runtime_error(opened.error().message);
  return *std::move(opened);
}

template <class T>
T checked(store::SqliteResult<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

// Counts what is forgotten, and what is to be forgotten.
class Flight {
 public:
  void ended(std::uint64_t first) {
    const std::lock_guard lock(mu_);
    to_forget_.push_back(first);
    changed_.notify_one();
  }
  void forgotten() {
    const std::lock_guard lock(mu_);
    gone_ += kAppend;
    changed_.notify_one();
  }
  // Waits until there is something to forget, or room for more tasks, or nothing left to wait for.
  std::vector<std::uint64_t> next(std::uint64_t submitted, std::uint64_t all) {
    std::unique_lock lock(mu_);
    changed_.wait(lock, [&] {
      return !to_forget_.empty() || gone_ == all || (submitted < all && submitted - gone_ < kInFlight);
    });
    return std::exchange(to_forget_, {});
  }
  bool has_room(std::uint64_t submitted, std::uint64_t all) {
    const std::lock_guard lock(mu_);
    return submitted < all && submitted - gone_ < kInFlight;
  }
  bool is_over(std::uint64_t all) {
    const std::lock_guard lock(mu_);
    return gone_ == all;
  }

 private:
  std::mutex mu_;
  std::condition_variable changed_;
  std::vector<std::uint64_t> to_forget_;
  std::uint64_t gone_ = 0;
};

}  // namespace

Seconds store_round(const std::filesystem::path& folder, std::uint64_t tasks) {
  const core::SystemClock clock;
  Flight flight;
  const auto store = open(folder, clock);
  const std::uint64_t all = tasks / kAppend * kAppend;
  const auto start = Clock::now();
  std::uint64_t submitted = 0;
  while (!flight.is_over(all)) {
    for (const std::uint64_t first : flight.next(submitted, all)) {
      store->append(of_each(forget_of, first), [&flight] { flight.forgotten(); });
    }
    if (!flight.has_room(submitted, all)) continue;
    const std::uint64_t first = submitted + 1;
    store->append(of_each(submit_of, first), [] {});
    store->append(of_each(end_of, first), [&flight, first] { flight.ended(first); });
    submitted += kAppend;
  }
  return since(start);
}

Seconds bare_store_round(const std::filesystem::path& folder, std::uint64_t tasks, std::uint64_t tasks_per_commit) {
  std::filesystem::create_directories(folder);
  auto database = checked(store::Connection::open(folder / "bare.db", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, ""));
  checked(database.execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = OFF; PRAGMA "
      "wal_autocheckpoint = 4000; CREATE TABLE futures (sequence INTEGER PRIMARY KEY, id BLOB, function TEXT, executor "
      "TEXT, state INTEGER, submitted INTEGER, finished INTEGER, value BLOB, arguments BLOB)"));
  auto begin = checked(database.prepare("BEGIN IMMEDIATE"));
  auto commit = checked(database.prepare("COMMIT"));
  auto insert = checked(database.prepare(
      "INSERT INTO futures (sequence, id, function, executor, state, submitted, arguments) VALUES (?1, ?2, ?3, ?4, 0, "
      "?5, ?6)"));
  auto update = checked(database.prepare(
      "UPDATE futures SET state = 2, finished = ?2, value = ?3, arguments = NULL WHERE sequence = ?1"));
  auto remove = checked(database.prepare("DELETE FROM futures WHERE sequence BETWEEN ?1 AND ?2"));
  constexpr std::int64_t kTime = 1'700'000'000'000'000'000;
  const std::string id(16, 'i');
  const auto start = Clock::now();
  for (std::uint64_t first = 1; first <= tasks + tasks_per_commit; first += tasks_per_commit) {
    checked(begin.run());
    for (std::uint64_t i = first; i < std::min(first + tasks_per_commit, tasks + 1); ++i) {
      insert.bind(1, static_cast<std::int64_t>(i));
      insert.bind_blob(2, id);
      insert.bind_text(3, "bench.noop");
      insert.bind_text(4, "default");
      insert.bind(5, kTime);
      insert.bind_blob(6, kArguments.view());
      checked(insert.run());
      update.bind(1, static_cast<std::int64_t>(i));
      update.bind(2, kTime);
      update.bind_blob(3, kValue.view());
      checked(update.run());
    }
    remove.bind(1, static_cast<std::int64_t>(first) - static_cast<std::int64_t>(tasks_per_commit));
    remove.bind(2, static_cast<std::int64_t>(first) - 1);
    checked(remove.run());
    checked(commit.run());
  }
  return since(start);
}

Seconds store_load_round(const std::filesystem::path& folder, std::uint64_t futures) {
  const core::SystemClock clock;
  {
    const auto store = open(folder, clock);
    for (std::uint64_t first = 1; first <= futures; first += kAppend) {
      store->append(of_each(submit_of, first), [] {});
    }
  }
  const auto start = Clock::now();
  const auto store = open(folder, clock);
  std::uint64_t found = 0;
  const auto loaded = store->load([&](std::vector<core::StoredFuture> some) { found += some.size(); });
  const Seconds elapsed = since(start);
  if (!loaded || found < futures) throw std::runtime_error("futures are missing");
  return elapsed;
}

Seconds sync_time(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  const int file = ::open((folder / "sync").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  const std::string page(4096, 'p');
  Samples samples;
  for (int i = 0; i < 100; ++i) {
    const auto start = Clock::now();
    const bool written = ::pwrite(file, page.data(), page.size(), 0) > 0 && ::fdatasync(file) == 0;
    if (!written) throw std::runtime_error("cannot write");
    samples.add(since(start).count());
  }
  ::close(file);
  return Seconds(samples.median());
}

}  // namespace futured::bench
