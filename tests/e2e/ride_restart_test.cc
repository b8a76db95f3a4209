// The SDK rides through a kill -9 of the daemon.
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "futured/futured.h"
#include "tests/crash/tasks.h"
#include "tests/support/daemon_process.h"
#include "tests/support/temporary_directory.h"

namespace futured {
namespace {

using testing::DaemonProcess;

constexpr std::size_t kFutures = 10'000;
// Tasks with such numbers return their values.
constexpr std::uint64_t kStep = 16;

class RideRestartTest : public ::testing::Test {
 protected:
  void start() {
    const std::string executions = std::to_string(++lives_) + " " + folder_.path() + "/executions";
    daemon_ = std::make_unique<DaemonProcess>(
        std::vector<std::string>{"--data-dir=" + folder_.path() + "/data", "--listen=" + address_,
                                 "--plugins=" CRASH_PLUGIN},
        std::vector<std::string>{std::string(crash::kExecutionsVariable) + "=" + executions});
    const std::string address = daemon_->address();
    ASSERT_NE(address, "") << daemon_->output();
    address_ = address;
  }
  void kill() {
    daemon_->send(SIGKILL);
    ASSERT_EQ(daemon_->exit_code(), 128 + SIGKILL);
  }

  const testing::TemporaryDirectory folder_;
  std::string address_ = "127.0.0.1:0";
  int lives_ = 0;
  std::unique_ptr<DaemonProcess> daemon_;
};

TEST_F(RideRestartTest, AsCompletedSeesEachOfTenThousandOnceAcrossKills) {
  start();
  const Executor executor(address_);
  std::map<Future<std::uint64_t>, std::uint64_t> keys;
  std::vector<Future<std::uint64_t>> futures;
  for (std::uint64_t i = 0; i < kFutures; ++i) {
    const std::uint64_t key = i * kStep;
    futures.push_back(executor.submit<std::uint64_t>(crash::kFunction, key, std::uint64_t{200}, std::string("p")));
    keys.emplace(futures.back(), key);
  }
  std::map<std::uint64_t, int> seen;
  std::size_t restarted = 0;
  for (auto& future : as_completed(futures, std::chrono::seconds(60))) {
    const std::uint64_t key = keys.at(future);
    ++seen[key];
    try {
      EXPECT_EQ(future.result(), crash::value_of(key));
    } catch (const TaskError& error) {
      EXPECT_EQ(error.origin(), ErrorOrigin::kDaemon) << error.what();
      ++restarted;
    }
    if (seen.size() == kFutures / 5 || seen.size() == kFutures / 2) {
      kill();
      start();
    }
  }
  EXPECT_EQ(seen.size(), kFutures);
  for (const auto& [key, times] : seen) EXPECT_EQ(times, 1) << key;
  // Only what ran when the daemon was killed.
  EXPECT_LT(restarted, kFutures / 5);
}

}  // namespace
}  // namespace futured
