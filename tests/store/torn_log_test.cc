// Power cuts that leave any part of an unsynced commit on the disk, in any order.
//
// What a disk has of writes that were not synced is made here from the log as it was before and after each commit.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/store/store_fixture.h"
#include "tests/support/seed.h"

namespace futured::store {
namespace {

using core::Bytes;
using testing::describe;
using testing::Life;
using testing::ListOf;

constexpr std::size_t kLogHeader = 32;
constexpr std::size_t kFrame = 24 + 4096;
constexpr std::size_t kBlock = 4096;
constexpr std::size_t kSector = 512;
constexpr int kRandomCuts = 20;
constexpr std::uint64_t kNextTry = 1'000'000;

class TornLogTest : public testing::StoreFixture {
 protected:
  TornLogTest() : StoreFixture(testing::fast_folder()) {}

  // A commit, and the files before and after it.
  struct Commit {
    std::string database;
    std::string before;
    std::string after;
    Futures acknowledged;
  };

  // A piece of the log that is on the disk as a whole, or not at all.
  struct Piece {
    std::size_t begin;
    std::size_t end;
  };

  void TearDown() override { close(); }

  void submit(std::uint64_t sequence, std::size_t bytes) {
    Life life(sequence);
    life.task.arguments = Bytes(std::string(bytes, static_cast<char>('a' + sequence % 26)));
    commit(ListOf{life.submit()});
    acknowledged_[sequence] = describe(life.held());
  }
  // A log that has been used to its end and will be written over, commit by commit, from its beginning.
  void fill_and_begin_again(std::uint64_t commits, std::size_t bytes) {
    open();
    for (std::uint64_t i = 1; i <= commits; ++i) submit(i, bytes);
    crash();
    open();
  }
  // An idle store moves its log into the database meanwhile: then what was read is of two moments, and another commit
  // is watched.
  Commit watch(std::uint64_t sequence, std::size_t bytes) {
    Commit commit;
    do {
      commit = {read_file(database()), read_file(log()), {}, acknowledged_};
      submit(sequence, bytes);
      commit.after = read_file(log());
      sequence += kNextTry;
    } while (read_file(database()) != commit.database);
    // A header is synced before anything that follows it.
    if (commit.before.size() >= kLogHeader) commit.before.replace(0, kLogHeader, commit.after, 0, kLogHeader);
    return commit;
  }

  // All that the commit has changed.
  static std::vector<Piece> pieces_of(const Commit& commit, std::size_t origin, std::size_t size) {
    std::vector<Piece> pieces;
    for (std::size_t begin = origin; begin < commit.after.size(); begin += size) {
      const std::size_t end = std::min(begin + size, commit.after.size());
      if (commit.before.compare(std::min(begin, commit.before.size()), end - begin, commit.after, begin, end - begin) !=
          0) {
        pieces.push_back({begin, end});
      }
    }
    return pieces;
  }
  // The log with the commit, but for these pieces.
  static std::string without(const Commit& commit, const std::vector<Piece>& missing) {
    std::string left = commit.after;
    for (const auto& [begin, end] : missing) {
      for (std::size_t at = begin; at < end; ++at) left[at] = at < commit.before.size() ? commit.before[at] : '\0';
    }
    return left;
  }

  // Opens what such a power cut leaves. Returns the first commit of the life that follows.
  Commit power_up(const Commit& commit, const std::string& log_left, const std::string& what) {
    Commit first{commit.database, log_left, log_left, commit.acknowledged};
    const auto home = std::exchange(options_.directory, folder("cut"));
    std::filesystem::create_directory(options_.directory);
    std::filesystem::permissions(options_.directory, std::filesystem::perms::owner_all);
    for (const auto& [path, content] : {std::pair(database(), commit.database), std::pair(log(), log_left)}) {
      write_file(path, content);
      std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    }
    auto running = std::move(store_);
    auto opened = try_open();
    EXPECT_TRUE(opened) << what << ": " << opened.error().message;
    if (opened) {
      store_ = *std::move(opened);
      // It is in the log still, and the database is the one before it.
      first.after = read_file(log());
      const auto kept = load();
      for (const auto& [sequence, text] : commit.acknowledged) {
        EXPECT_TRUE(kept.contains(sequence) && kept.at(sequence) == text) << what << ": " << sequence << " was lost";
      }
    }
    store_ = std::move(running);
    std::filesystem::remove_all(options_.directory);
    options_.directory = home;
    ++cuts_;
    return first;
  }
  void leave_out_each(const Commit& commit, std::size_t origin, std::size_t size, const std::string& what) {
    for (const Piece& piece : pieces_of(commit, origin, size)) {
      power_up(commit, without(commit, {piece}), what + " at " + std::to_string(piece.begin) + " is missing");
    }
  }
  static std::string without_some(const Commit& commit, std::size_t size, std::mt19937_64& random) {
    std::vector<Piece> missing;
    for (const Piece& piece : pieces_of(commit, 0, size)) {
      if (random() % 2 == 0) missing.push_back(piece);
    }
    return without(commit, missing);
  }
  void leave_out_some(const Commit& commit, std::size_t size, std::mt19937_64& random) {
    for (int cut = 0; cut < kRandomCuts; ++cut) {
      power_up(commit, without_some(commit, size, random), "pieces of " + std::to_string(size) + " are missing");
    }
  }

  Futures acknowledged_;
  int cuts_ = 0;
};

TEST_F(TornLogTest, NothingAcknowledgedIsLostWhateverOfACommitIsMissing) {
  std::mt19937_64 random(testing::announced_seed());
  fill_and_begin_again(60, 300);
  std::uint64_t sequence = 1000;
  for (const std::size_t bytes : {40'000U, 300U, 9'000U, 300U, 300U, 40'000U, 20'000U, 300U}) {
    const Commit commit = watch(++sequence, bytes);
    leave_out_each(commit, kLogHeader, kFrame, "frame");
    leave_out_each(commit, 0, kBlock, "block");
    leave_out_some(commit, kBlock, random);
    leave_out_some(commit, kSector, random);
    if (HasFailure()) FAIL() << "of the commit of future " << sequence;
  }
  EXPECT_GT(cuts_, 300);
}

// The log of such a life goes on where the last whole commit ended: over what there is of the torn one.
TEST_F(TornLogTest, NothingIsLostWhenThePowerIsCutAgainDuringTheRecovery) {
  std::mt19937_64 random(testing::announced_seed());
  fill_and_begin_again(60, 300);
  for (std::uint64_t sequence = 1001; sequence <= 1006; ++sequence) {
    const Commit torn = watch(sequence, 40'000);
    for (int cut = 0; cut < 10; ++cut) {
      const Commit recovery = power_up(torn, without_some(torn, kBlock, random), "in the first cut");
      leave_out_each(recovery, kLogHeader, kFrame, "after a first cut, frame");
      leave_out_each(recovery, 0, kBlock, "after a first cut, block");
    }
    if (HasFailure()) FAIL() << "of the commit of future " << sequence;
  }
}

// Frame 169 begins 8 bytes before the end of a block: what says that it ends a transaction is in another block than
// what says of which use of the log it is.
TEST_F(TornLogTest, BoundaryWithinTheHeaderOfAFrameIsNoDamage) {
  fill_and_begin_again(260, 300);
  const std::size_t boundary = kLogHeader + 169 * kFrame + 8;
  ASSERT_EQ(boundary % kBlock, 0u);
  ASSERT_GT(read_file(log()).size(), boundary + kFrame);
  const Commit commit = watch(1000, 800'000);
  power_up(commit, without(commit, {{boundary - kBlock, boundary}}), "the block before it is missing");
}

}  // namespace
}  // namespace futured::store
