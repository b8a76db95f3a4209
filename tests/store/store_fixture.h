// StoreFixture: a store in a temporary folder, that can be closed, opened again, and copied as a kill -9 leaves it.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/core/mutex.h"
#include "server/store/sqlite.h"
#include "server/store/sqlite_store.h"
#include "tests/store/life.h"
#include "tests/support/eventually.h"
#include "tests/support/manual_time.h"
#include "tests/support/temporary_directory.h"

namespace futured::testing {

// What a store told of itself. May be used from any thread.
class StoreEvents {
 public:
  store::Callbacks callbacks() {
    return {[this](std::string why) { add(failures_, std::move(why)); },
            [this](std::string text) { add(warnings_, std::move(text)); }};
  }
  std::vector<std::string> failures() const { return get(failures_); }
  std::vector<std::string> warnings() const { return get(warnings_); }
  void clear() {
    core::MutexLock lock(mu_);
    failures_.clear();
    warnings_.clear();
  }
  // Whether it has failed, in time.
  bool wait_for_failure() const {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    core::MutexLock lock(mu_);
    while (failures_.empty() && std::chrono::steady_clock::now() < end) changed_.wait_until(mu_, end);
    return !failures_.empty();
  }

 private:
  using Texts = std::vector<std::string>;
  void add(Texts& texts, std::string text) {
    core::MutexLock lock(mu_);
    texts.push_back(std::move(text));
    changed_.notify_all();
  }
  Texts get(const Texts& texts) const {
    core::MutexLock lock(mu_);
    return texts;
  }

  mutable core::Mutex mu_;
  mutable core::CondVar changed_;
  Texts failures_;
  Texts warnings_;
};

// Tells when an append became durable.
class Durable {
 public:
  std::function<void()> callback() {
    return [promise = promise_] { promise->set_value(); };
  }
  bool wait() { return future_.wait_for(kPatience) == std::future_status::ready; }
  bool is_durable() const { return future_.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }

 private:
  std::shared_ptr<std::promise<void>> promise_ = std::make_shared<std::promise<void>>();
  std::future<void> future_ = promise_->get_future();
};

// Without a disk, if there is such a place: for tests of thousands of syncs.
inline std::filesystem::path fast_folder() {
  const std::filesystem::path memory = "/dev/shm";
  return ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
}

class StoreFixture : public ::testing::Test {
 protected:
  explicit StoreFixture(const std::filesystem::path& parent = std::filesystem::temp_directory_path())
      : temporary_(parent) {
    options_.directory = folder("data");
    options_.ballast = 0;
    options_.low_water = 0;
  }

  std::filesystem::path folder(const std::string& name) const {
    return std::filesystem::path(temporary_.path()) / name;
  }
  std::filesystem::path database() const { return options_.directory / "futured.db"; }
  std::filesystem::path log() const { return options_.directory / "futured.db-wal"; }

  core::Result<std::unique_ptr<store::SqliteStore>> try_open() {
    return store::SqliteStore::open(options_, time_, events_.callbacks());
  }
  void open() {
    auto opened = try_open();
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = *std::move(opened);
  }
  void close() { store_.reset(); }
  void reopen() {
    close();
    open();
  }
  // What is there, asked as the sqlite3 tool would.
  std::string query(const std::string& sql) const {
    auto connection = store::Connection::open(database(), SQLITE_OPEN_READONLY, "");
    EXPECT_TRUE(connection);
    const auto text = connection->query_text(sql);
    EXPECT_TRUE(text) << text.error().message;
    return text ? *text : "";
  }
  // Why it cannot be opened.
  std::string refusal() {
    const auto opened = try_open();
    return opened ? "" : opened.error().message;
  }

  // Appends, and waits until it is durable.
  void commit(std::vector<core::Transition> transitions) {
    Durable durable;
    store_->append(std::move(transitions), durable.callback());
    ASSERT_TRUE(durable.wait());
  }

  using Futures = std::map<std::uint64_t, std::string>;
  core::Result<Futures> try_load() {
    Futures futures;
    const auto loaded = store_->load([&](const std::vector<core::StoredFuture>& some) {
      for (const auto& future : some) futures[future.sequence] = describe(future);
    });
    if (!loaded) return tl::unexpected(loaded.error());
    highest_sequence_ = loaded->highest_sequence;
    EXPECT_EQ(loaded->ended_in_order, store_->closed_in_order());
    return futures;
  }
  Futures load() {
    auto futures = try_load();
    EXPECT_TRUE(futures) << futures.error().message;
    return futures ? *futures : Futures();
  }

  // Goes on with a copy of the files as they are, as after a kill -9.
  void crash() {
    const auto copy = folder("data-" + std::to_string(++copies_));
    std::filesystem::create_directory(copy);
    std::filesystem::permissions(copy, std::filesystem::perms::owner_all);
    for (const char* name : {"futured.db", "futured.db-wal"}) {
      std::filesystem::copy_file(options_.directory / name, copy / name);
    }
    close();
    options_.directory = copy;
  }

  static std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static void write_file(const std::filesystem::path& path, const std::string& content) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
  }

  TemporaryDirectory temporary_;
  ManualTime time_;
  StoreEvents events_;
  store::Options options_;
  std::unique_ptr<store::SqliteStore> store_;
  std::uint64_t highest_sequence_ = 0;
  int copies_ = 0;
};

}  // namespace futured::testing
