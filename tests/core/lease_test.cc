#include "server/core/lease.h"

#include <gtest/gtest.h>

#include <memory>
#include <stop_token>

namespace futured::core {
namespace {

using Phase = LeaseEntry::Phase;

Phase phase_of(Lease& lease, std::size_t i) { return lease[i].phase.load(); }

TEST(LeaseTest, EntryGoesFromLentThroughBegunToDone) {
  Lease lease(2);
  EXPECT_EQ(phase_of(lease, 0), Phase::kLent);
  EXPECT_TRUE(lease.begin(0, Time(Duration(5))));
  EXPECT_EQ(phase_of(lease, 0), Phase::kBegun);
  lease.end(0, Time(Duration(9)), Outcome::succeeded(Bytes("v")));
  EXPECT_EQ(phase_of(lease, 0), Phase::kDone);
  EXPECT_EQ(lease[0].finished - lease[0].started, Duration(4));
  EXPECT_EQ(lease[0].outcome.value.view(), "v");
  EXPECT_EQ(phase_of(lease, 1), Phase::kLent);
}

TEST(LeaseTest, OnlyOneOfBeginAndRevokeWins) {
  Lease lease(2);
  EXPECT_TRUE(lease.revoke(0));
  EXPECT_FALSE(lease.begin(0, Time()));
  EXPECT_TRUE(lease.begin(1, Time()));
  EXPECT_FALSE(lease.revoke(1));
}

TEST(LeaseTest, WhatHasEndedCannotBeRevoked) {
  Lease lease(1);
  lease.begin(0, Time());
  lease.end(0, Time(), Outcome::cancelled());
  EXPECT_FALSE(lease.revoke(0));
}

TEST(LeaseTest, StopRequestReachesTheTokensOfItsEntryAlone) {
  Lease lease(2);
  const std::stop_token early = lease.stop_token(0);
  lease.request_stop(0);
  EXPECT_TRUE(early.stop_requested());
  EXPECT_TRUE(lease.stop_token(0).stop_requested());
  EXPECT_TRUE(lease[0].stop_requested.load());
  EXPECT_FALSE(lease.stop_token(1).stop_requested());
  EXPECT_FALSE(lease[1].stop_requested.load());
}

TEST(LeaseTest, StopCallbacksRunInTheThreadThatRequests) {
  Lease lease(1);
  int calls = 0;
  const std::stop_callback count(lease.stop_token(0), [&calls] { ++calls; });
  lease.request_stop(0);
  lease.request_stop(0);
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace futured::core
