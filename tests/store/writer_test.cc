#include "server/store/writer.h"

#include <gtest/gtest.h>

#include "server/store/fault_vfs.h"
#include "tests/store/store_fixture.h"

namespace futured::store {
namespace {

using namespace std::chrono_literals;
using testing::Durable;
using testing::Life;
using testing::ListOf;

class WriterTest : public testing::StoreFixture {
 protected:
  WriterTest() {
    options_.vfs = vfs_.name();
    // As long as a test may take: what ends it is not the clock.
    options_.gather_for = 1min;
  }

  FaultVfs vfs_;
};

TEST_F(WriterTest, SubmissionAndOutcomeAreStoredWithOneSync) {
  open();
  // The first commit to a log syncs its header as well.
  Life first(1);
  commit(ListOf{first.submit(), first.end(core::Outcome::cancelled(), 5)});
  vfs_.arm({.kind = Fault::Kind::kSync, .n = 2});
  Life life(2);
  Durable submitted;
  Durable ended;
  store_->append(ListOf{life.submit()}, submitted.callback());
  store_->append(ListOf{life.end(core::Outcome::cancelled(), 5)}, ended.callback());
  EXPECT_TRUE(submitted.wait());
  EXPECT_TRUE(ended.wait());
  EXPECT_FALSE(vfs_.hit()) << "there was a second sync";
}

TEST_F(WriterTest, CommitsAreCountedByTheirChangesAndTime) {
  open();
  Life first(1);
  Life second(2);
  commit(ListOf{first.submit(), second.submit(), first.end(core::Outcome::cancelled(), 5)});
  const core::StoreStats stats = store_->stats();
  EXPECT_EQ(stats.changes.sum(), 2U) << "one for each future";
  EXPECT_GT(stats.durations.sum(), 0U);
  EXPECT_EQ(stats.retries, 0U);
  EXPECT_GT(stats.log_bytes, 0U);
  EXPECT_GT(stats.database_bytes, 0U);
  EXPECT_GT(stats.disk_free, 0U);
}

TEST_F(WriterTest, OutcomeDoesNotWaitForAnything) {
  open();
  Life life(1);
  store_->append(ListOf{life.submit()}, [] {});
  commit(ListOf{life.start(2)});
  commit(ListOf{life.end(core::Outcome::cancelled(), 5)});
}

TEST_F(WriterTest, SubmissionIsStoredWhenNothingBecomesOfItInTime) {
  options_.gather_for = 1us;
  open();
  commit(ListOf{Life(1).submit()});
}

TEST_F(WriterTest, CloseEndsTheWait) {
  open();
  store_->append(ListOf{Life(1).submit()}, [] {});
  reopen();
  EXPECT_EQ(load().size(), 1u);
}

}  // namespace
}  // namespace futured::store
