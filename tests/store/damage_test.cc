// Damaged files: found and named, or harmless; never changed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tests/store/store_fixture.h"
#include "tests/support/seed.h"

namespace futured::store {
namespace {

using testing::describe;
using ::testing::HasSubstr;
using testing::Life;
using testing::ListOf;

constexpr std::size_t kLogHeader = 32;
constexpr std::size_t kFrame = 24 + 4096;

class DamageTest : public testing::StoreFixture {
 protected:
  // Futures 1 to `count`, each by a commit of its own.
  void fill(std::uint64_t count) {
    open();
    for (std::uint64_t i = 1; i <= count; ++i) {
      Life life(i);
      life.task.arguments = core::Bytes(std::string(300, static_cast<char>('a' + i % 26)));
      commit(ListOf{life.submit()});
      filled_[i] = describe(life.held());
    }
  }
  static void flip(const std::filesystem::path& file, std::size_t at) {
    std::string content = read_file(file);
    ASSERT_LT(at, content.size());
    content[at] = static_cast<char>(content[at] ^ 0x10);
    write_file(file, content);
  }
  // Refused when it is opened or loaded.
  std::string complaint() {
    auto opened = try_open();
    if (!opened) return opened.error().message;
    store_ = *std::move(opened);
    const auto futures = try_load();
    close();
    return futures ? "" : futures.error().message;
  }

  Futures filled_;
};

TEST_F(DamageTest, FlippedBitOfAnArgumentIsFound) {
  fill(20);
  close();
  // Pages also have remains of what they held before.
  const std::string content = read_file(database());
  const std::string argument(300, 'h');
  for (auto at = content.find(argument); at != content.npos; at = content.find(argument, at + 1)) {
    flip(database(), at + 100);
  }
  EXPECT_THAT(complaint(), HasSubstr("future 7 is damaged"));
}

TEST_F(DamageTest, TruncatedDatabaseIsFound) {
  fill(100);
  close();
  const std::string content = read_file(database());
  const std::string half = content.substr(0, content.size() / 2);
  write_file(database(), half);
  EXPECT_THAT(complaint(), HasSubstr(database().string()));
  EXPECT_EQ(read_file(database()).size(), half.size());
}

TEST_F(DamageTest, NoFlippedBitGoesUnnoticedAndChangesFutures) {
  fill(50);
  close();
  const std::string content = read_file(database());
  std::mt19937_64 random(testing::announced_seed());
  int found = 0;
  for (int i = 0; i < 150; ++i) {
    write_file(database(), content);
    flip(database(), random() % content.size());
    auto opened = try_open();
    if (!opened) {
      ++found;
      continue;
    }
    store_ = *std::move(opened);
    const auto futures = try_load();
    close();
    if (!futures) {
      ++found;
      continue;
    }
    for (const auto& [sequence, text] : filled_) {
      const auto kept = futures->find(sequence);
      ASSERT_NE(kept, futures->end()) << "future " << sequence << " is missing";
      // A checksum does not cover what changes during a life: state, attempt, when it started and is due.
      EXPECT_EQ(kept->second.substr(0, kept->second.find("PENDING")), text.substr(0, text.find("PENDING")));
    }
  }
  EXPECT_GT(found, 50);
}

TEST_F(DamageTest, FlippedBitWithinTheLogIsFoundAndNothingIsTouched) {
  fill(20);
  crash();
  const std::string before = read_file(database());
  const std::string content = read_file(log());
  const std::size_t frames = (content.size() - kLogHeader) / kFrame;
  for (std::size_t frame = 0; frame + 8 < frames; frame += 3) {
    for (const std::size_t at : {std::size_t{9}, std::size_t{17}, std::size_t{1000}}) {
      write_file(log(), content);
      flip(log(), kLogHeader + frame * kFrame + at);
      const std::string damaged = read_file(log());
      EXPECT_THAT(complaint(), HasSubstr(log().string() + " is damaged")) << "frame " << frame << " byte " << at;
      EXPECT_EQ(read_file(log()), damaged);
      EXPECT_EQ(read_file(database()), before);
    }
  }
  write_file(log(), content);
  open();
  EXPECT_EQ(load(), filled_);
}

TEST_F(DamageTest, LogThatWasNotSyncedKeepsWhatIsBeforeTheDamage) {
  options_.sync_every_commit = false;
  fill(20);
  crash();
  flip(log(), kLogHeader + 10 * kFrame + 1000);
  options_.sync_every_commit = true;
  open();
  const Futures futures = load();
  EXPECT_GT(futures.size(), 0U);
  EXPECT_LT(futures.size(), 20U);
}

TEST_F(DamageTest, FlippedBitInTheHeaderOfTheLogIsFound) {
  fill(3);
  crash();
  flip(log(), 18);
  EXPECT_THAT(complaint(), HasSubstr(log().string() + " is damaged"));
}

// As a power cut leaves it in the middle of a commit.
TEST_F(DamageTest, LogThatEndsInTheMiddleOfACommitIsWhole) {
  fill(20);
  crash();
  const std::string content = read_file(log());
  write_file(log(), content.substr(0, content.size() - kFrame / 2));
  open();
  EXPECT_GE(load().size(), 19u);
}

TEST_F(DamageTest, OldFramesBehindTheEndOfTheLogAreNoDamage) {
  options_.log_limit = 1 << 20;
  fill(200);
  crash();
  open();
  EXPECT_EQ(load(), filled_);
}

}  // namespace
}  // namespace futured::store
