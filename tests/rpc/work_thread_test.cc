#include "server/rpc/work_thread.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

#include "tests/support/gate.h"

namespace futured::rpc {
namespace {

using testing::Gate;

TEST(WorkThreadTest, DoesOneAfterTheOtherOnAThreadOfItsOwn) {
  Gate done;
  std::string order;
  std::thread::id worker;
  WorkThread thread;
  thread.post([&] { order += 'a'; });
  thread.post([&] {
    order += 'b';
    worker = std::this_thread::get_id();
    done.open();
  });
  ASSERT_TRUE(done.wait());
  EXPECT_EQ(order, "ab");
  EXPECT_NE(worker, std::this_thread::get_id());
}

TEST(WorkThreadTest, StopWaitsForWhatHasBegunAndDropsTheRest) {
  Gate begun;
  Gate go_on;
  bool ended = false;
  bool dropped = true;
  const auto held = std::make_shared<int>();
  WorkThread thread;
  thread.post([&] {
    begun.open();
    go_on.wait();
    ended = true;
  });
  thread.post([&dropped, held] { dropped = false; });
  ASSERT_TRUE(begun.wait());
  std::thread stopper([&] { thread.stop(); });
  // stop() drops before it waits.
  EXPECT_TRUE(testing::eventually([&] { return held.use_count() == 1; }));
  go_on.open();
  stopper.join();
  EXPECT_TRUE(ended);
  EXPECT_TRUE(dropped);
  thread.post([&dropped] { dropped = false; });
  thread.stop();
  EXPECT_TRUE(dropped);
}

}  // namespace
}  // namespace futured::rpc
