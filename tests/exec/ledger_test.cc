#include "server/exec/process/ledger.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include "tests/support/race.h"

namespace futured::exec {
namespace {

// The other side of a ledger, as a worker sees it.
Ledger mapped(const Ledger& ledger) {
  return Ledger::map(UniqueFd(::fcntl(ledger.descriptor(), F_DUPFD_CLOEXEC, 0)), ledger.size());
}

TEST(LedgerTest, WhatTheDaemonHandsOverTheWorkerCanBegin) {
  Ledger daemon = Ledger::create(8).value();
  Ledger worker = mapped(daemon);
  daemon[3].hand_over(5);
  EXPECT_FALSE(daemon[3].begun(5));
  EXPECT_TRUE(worker[3].begin(5));
  EXPECT_TRUE(daemon[3].begun(5));
  EXPECT_FALSE(daemon[3].take_back(5));
}

TEST(LedgerTest, WhatTheDaemonTookBackTheWorkerCannotBegin) {
  Ledger daemon = Ledger::create(8).value();
  Ledger worker = mapped(daemon);
  daemon[0].hand_over(1);
  EXPECT_TRUE(daemon[0].take_back(1));
  EXPECT_FALSE(worker[0].begin(1));
  EXPECT_FALSE(daemon[0].begun(1));
}

TEST(LedgerTest, ClaimsOfAnEarlierBatchCannotBeBegun) {
  Ledger daemon = Ledger::create(1).value();
  Ledger worker = mapped(daemon);
  daemon[0].hand_over(1);
  daemon[0].hand_over(2);
  EXPECT_FALSE(worker[0].begin(1));
  EXPECT_TRUE(worker[0].begin(2));
}

TEST(LedgerTest, ExactlyOneSideGetsEachTask) {
  constexpr std::size_t kWords = 256;
  constexpr std::uint64_t kBatches = 200;
  Ledger daemon = Ledger::create(kWords).value();
  const Ledger worker = mapped(daemon);
  std::size_t begun = 0;
  std::size_t taken = 0;
  testing::Race race;
  for (std::uint64_t batch = 1; batch <= kBatches; ++batch) {
    for (core::Claim& claim : daemon.claims()) claim.hand_over(batch);
    race.run(
        [&] {
          for (std::size_t i = kWords; i > 0; --i) taken += daemon[i - 1].take_back(batch) ? 1 : 0;
        },
        [&] {
          for (core::Claim& claim : worker.claims()) begun += claim.begin(batch) ? 1 : 0;
        });
  }
  EXPECT_EQ(begun + taken, kWords * kBatches);
}

TEST(LedgerTest, NonsenseInAWordCountsAsBegun) {
  Ledger daemon = Ledger::create(1).value();
  daemon[0].hand_over(1);
  std::memset(static_cast<void*>(&daemon[0]), 0xff, sizeof(core::Claim));
  EXPECT_TRUE(daemon[0].begun(1));
  EXPECT_FALSE(daemon[0].take_back(1));
}

TEST(LedgerTest, JournalIsReadOnTheOtherSide) {
  const Ledger daemon = Ledger::create(256).value();
  const Ledger worker = mapped(daemon);
  EXPECT_EQ(daemon.journal().copy(), "");
  EXPECT_TRUE(worker.journal().append("one"));
  EXPECT_TRUE(worker.journal().append("two"));
  EXPECT_EQ(worker.journal().content(), "onetwo");
  EXPECT_EQ(daemon.journal().copy(), "onetwo");
  worker.journal().clear();
  EXPECT_EQ(daemon.journal().copy(), "");
}

TEST(LedgerTest, JournalTakesNoMoreThanItHolds) {
  const Ledger ledger = Ledger::create(1).value();
  EXPECT_TRUE(ledger.journal().append(std::string(Journal::kSize - 1, 'x')));
  EXPECT_FALSE(ledger.journal().append("yz"));
  EXPECT_TRUE(ledger.journal().append("y"));
  EXPECT_FALSE(ledger.journal().append("z"));
  EXPECT_EQ(ledger.journal().copy().size(), Journal::kSize);
}

TEST(LedgerTest, JournalWithANonsensicalLengthIsReadToItsEndOnly) {
  const Ledger ledger = Ledger::create(1).value();
  // Its first member.
  std::memset(static_cast<void*>(&ledger.journal()), 0xff, sizeof(std::uint64_t));
  EXPECT_EQ(ledger.journal().copy().size(), Journal::kSize);
}

TEST(LedgerTest, JournalOutlivesTheSideThatWroteIt) {
  const Ledger daemon = Ledger::create(256).value();
  {
    Ledger worker = mapped(daemon);
    worker.journal().append("last words");
  }
  EXPECT_EQ(daemon.journal().copy(), "last words");
}

TEST(LedgerTest, MemoryLiesAsTheProtocolSays) {
  constexpr std::size_t kWords = 16;
  Ledger ledger = Ledger::create(kWords).value();
  ledger[1].hand_over(3);
  ledger.journal().append("abc");
  const void* memory = ::mmap(nullptr, kWords * 8 + 8 + 65'536, PROT_READ, MAP_SHARED, ledger.descriptor(), 0);
  ASSERT_NE(memory, MAP_FAILED);
  std::uint64_t words[kWords + 1];
  std::memcpy(words, memory, sizeof(words));
  EXPECT_EQ(words[1], 12U);
  EXPECT_EQ(words[kWords], 3U);
  EXPECT_EQ(std::memcmp(static_cast<const char*>(memory) + sizeof(words), "abc", 3), 0);
  ::munmap(const_cast<void*>(memory), kWords * 8 + 8 + 65'536);
}

TEST(LedgerTest, NobodyCanShrinkIt) {
  const Ledger ledger = Ledger::create(256).value();
  EXPECT_EQ(::ftruncate(ledger.descriptor(), 0), -1);
  EXPECT_EQ(errno, EPERM);
}

TEST(LedgerTest, MovedLedgerStaysTheSame) {
  Ledger first = Ledger::create(4).value();
  core::Claim* const claim = &first[0];
  const Ledger second(std::move(first));
  EXPECT_EQ(second.claims().data(), claim);
  EXPECT_EQ(second.size(), 4U);
}

TEST(LedgerTest, WhatIsNoLedgerIsAnError) { EXPECT_THROW(Ledger::map(UniqueFd(-1), 4), std::system_error); }

}  // namespace
}  // namespace futured::exec
