#include "server/core/ids.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

namespace futured::core {
namespace {

constexpr FutureId kId{0x0b5f9a3e71c28d40, 0x9e5a000000000001};
constexpr char kText[] = "0b5f9a3e-71c2-8d40-9e5a-000000000001";

TEST(IdsTest, IsShownAsUuid) { EXPECT_EQ(to_string(kId), kText); }

TEST(IdsTest, IsReadInEitherCase) {
  EXPECT_EQ(parse_future_id(kText), kId);
  EXPECT_EQ(parse_future_id("0B5F9A3E-71C2-8D40-9E5A-000000000001"), kId);
}

TEST(IdsTest, AnythingElseIsRefused) {
  const std::string text = kText;
  std::vector<std::string> bad = {"", "1", text + "0", text.substr(1), " " + text, "{" + text.substr(1) + "}"};
  // Dashes elsewhere, or something else in their place.
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) {
    std::string changed = text;
    changed[dash] = '0';
    bad.push_back(changed);
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const char c : {'-', 'g', 'G', '/', ':', '@', '`', ' ', '\0', '\xff'}) {
      std::string changed = text;
      if (changed[i] == c) continue;
      changed[i] = c;
      bad.push_back(changed);
    }
  }
  for (const std::string& each : bad) EXPECT_FALSE(parse_future_id(each)) << each;
}

TEST(IdsTest, OtherVersionsAndVariantsAreRefused) {
  for (const char version : std::string("012345679abcdef")) {
    std::string text = kText;
    text[14] = version;
    EXPECT_FALSE(parse_future_id(text)) << text;
  }
  for (const char variant : std::string("01234567cdef")) {
    std::string text = kText;
    text[19] = variant;
    EXPECT_FALSE(parse_future_id(text)) << text;
  }
  for (const char variant : std::string("89ab")) {
    std::string text = kText;
    text[19] = variant;
    EXPECT_TRUE(parse_future_id(text)) << text;
  }
}

TEST(IdsTest, SessionAndCounterMakeTheId) {
  EXPECT_EQ(kId.counter(), 1U);
  EXPECT_EQ(make_future_id(kId.session(), 1), kId);
  const FutureId last = make_future_id(kId.session(), kMaxCounter);
  EXPECT_EQ(last.session(), kId.session());
  EXPECT_EQ(last.counter(), kMaxCounter);
  EXPECT_EQ(to_string(last), "0b5f9a3e-71c2-8d40-9e5a-ffffffffffff");
  EXPECT_EQ(to_string(kId.session()), "0b5f9a3e-71c2-8d40-9e5a-000000000000");
}

TEST(IdsTest, RandomSessionsAreUuidsOfVersion8AndDiffer) {
  std::set<SessionId> seen;
  std::uint64_t ever_set = 0;
  std::uint64_t ever_clear = 0;
  for (int i = 0; i < 200; ++i) {
    const SessionId session = random_session_id();
    EXPECT_TRUE(seen.insert(session).second);
    EXPECT_EQ(parse_future_id(to_string(session))->session(), session);
    ever_set |= session.high;
    ever_clear |= ~session.high;
  }
  // All bits but the four of the version vary.
  EXPECT_EQ(ever_set & ever_clear, ~std::uint64_t{0xf000});
}

TEST(IdsTest, SourceCountsFromOne) {
  IdSource source(kId.session());
  EXPECT_EQ(source.next(), kId);
  EXPECT_EQ(source.next().counter(), 2U);
  EXPECT_EQ(source.session(), kId.session());
}

TEST(IdsTest, SourceNeverRepeatsBetweenThreads) {
  IdSource source(kId.session());
  std::vector<std::vector<FutureId>> drawn(4);
  std::vector<std::thread> threads;
  for (auto& ids : drawn) {
    threads.emplace_back([&source, &ids] {
      for (int i = 0; i < 1000; ++i) ids.push_back(source.next());
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<FutureId> all;
  for (const auto& ids : drawn) all.insert(ids.begin(), ids.end());
  EXPECT_EQ(all.size(), 4000U);
}

TEST(IdsTest, HashOfSessionsHasASecret) {
  const SessionIdHash hash;
  EXPECT_EQ(hash(kId.session()), SessionIdHash(hash)(kId.session()));
  EXPECT_NE(hash(kId.session()), SessionIdHash()(kId.session()));
}

}  // namespace
}  // namespace futured::core
