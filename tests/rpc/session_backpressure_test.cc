// Clients that stop reading, or vanish in mid-stream: what they leave is bounded, and others do not notice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <exception>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "futured/error_info.h"
#include "tests/support/eventually.h"
#include "tests/support/session_server.h"
#include "tests/support/session_stream.h"

namespace futured {
namespace {

using Stream = testing::SessionStream;
using testing::eventually;
using testing::SessionServer;

constexpr const char* kOtherSession = "aaaaaaaa-1111-8222-9333-000000000000";

// An error with as many links, whose texts are far too long.
[[noreturn]] void throw_nested(int links) {
  const std::runtime_error error(std::string(std::size_t{1} << 17, 'x'));
  if (links == 1) throw error;
  try {
    throw_nested(links - 1);
  } catch (...) {
    std::throw_with_nested(error);
  }
}

class SessionBackpressureTest : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kTasks = 100'000;
  static constexpr std::uint64_t kTasksAtOnce = 500;
  // All of them together are far more than the buffers of connections.
  static constexpr std::size_t kValueSize = 1000;

  SessionBackpressureTest() {
    registry_.add(Task<std::uint64_t(std::uint64_t)>("increment"), [](std::uint64_t n) { return n + 1; });
    registry_.add(Task<Bytes()>("text"), [] { return Bytes{std::string(kValueSize, 'x')}; });
    registry_.add(Task<void()>("fail"), [] { throw_nested(6); });
    settings_.max_waiting_events = 1000;
  }

  // kTasks tasks; until `reading`, the next ones when the daemon has read and run those before.
  static void submit_all(SessionServer& server, Stream& stream, const std::atomic<bool>& reading) {
    const std::vector<std::string> arguments(kTasksAtOnce, encode_arguments());
    for (std::uint64_t first = 1; first < kTasks; first += kTasksAtOnce) {
      EXPECT_TRUE(eventually([&] {
        const auto stats = server.table().stats();
        return reading || (stats.submitted >= first - 1 && stats.unfinished == 0);
      }));
      stream.submit(first, "text", arguments);
    }
  }
  // Some tasks of another client, from their submits to their outcomes.
  void expect_served(Stream& stream) {
    for (int i = 0; i < 10; ++i) {
      stream.submit(next_, "increment", std::vector<std::string>(100, encode_arguments(std::uint64_t{1})));
      next_ += 100;
      ASSERT_TRUE(stream.read_outcomes(next_ - 1));
    }
  }
  static bool gauges_are_at_their_base(SessionServer& server) {
    return eventually([&] {
      const auto stats = server.table().stats();
      return server.sessions().size() == 0 && stats.subscribers == 0 && stats.watches == 0 && stats.owed == 0 &&
             stats.running == 0 && stats.unfinished == 0;
    });
  }

  Registry registry_;
  rpc::SessionSettings settings_;
  std::uint64_t next_ = 1;
};

TEST_F(SessionBackpressureTest, ReaderThatStopsIsNotReadFromAndOthersAreServed) {
  SessionServer server(registry_, {}, settings_);
  Stream other(server, kOtherSession);
  Stream stream(server);
  std::atomic<bool> reading = false;
  std::thread writer([&] { submit_all(server, stream, reading); });
  EXPECT_TRUE(eventually([&] { return server.table().stats().owed > settings_.max_waiting_events; }));
  expect_served(other);
  // A message may have come before there were too many, and another when the read was under way.
  EXPECT_LE(server.table().stats().owed, settings_.max_waiting_events + 2 * kTasksAtOnce);

  reading = true;
  EXPECT_TRUE(stream.read_outcomes(kTasks)) << "once it reads, everything arrives";
  EXPECT_EQ(stream.outcomes_seen, kTasks);
  writer.join();
  EXPECT_TRUE(stream.end().ok());
  EXPECT_TRUE(other.end().ok());
  EXPECT_TRUE(gauges_are_at_their_base(server));
}

TEST_F(SessionBackpressureTest, ReaderThatStopsAndVanishesLeavesNothing) {
  SessionServer server(registry_, {}, settings_);
  Stream stream(server);
  std::thread writer([&] {
    const std::vector<std::string> arguments(10, encode_arguments());
    for (std::uint64_t first = 1; stream.try_submit(first, "text", arguments); first += arguments.size()) continue;
  });
  EXPECT_TRUE(eventually([&] { return server.table().stats().owed > settings_.max_waiting_events; }));
  stream.break_off();
  writer.join();
  EXPECT_FALSE(stream.finish().ok());
  EXPECT_TRUE(gauges_are_at_their_base(server));
}

TEST_F(SessionBackpressureTest, ManyRefusalsArriveInMessagesOfBoundedSize) {
  SessionServer server(registry_);
  Stream stream(server);
  v1::SessionRequest request;
  constexpr std::uint64_t kRuns = 40'000;
  for (std::uint64_t i = 1; i <= kRuns; ++i) {
    auto& run = *request.add_submits();
    run.set_first(i);
    run.set_function("bad name " + std::to_string(i));
    run.add_arguments("");
  }
  stream.write(request);
  ASSERT_TRUE(stream.read_until([&] { return stream.refused() == kRuns && stream.accepted == kRuns + 1; }))
      << "no message is above the client's limit of 4 MiB";
  EXPECT_EQ(stream.refusals.size(), kRuns);
  EXPECT_TRUE(stream.end().ok());
}

TEST_F(SessionBackpressureTest, ManyLargeErrorsArriveInMessagesOfBoundedSize) {
  SessionServer server(registry_);
  Stream stream(server);
  // 16 MiB together.
  constexpr std::uint64_t kFailures = 200;
  stream.submit(1, "fail", std::vector<std::string>(kFailures, encode_arguments()));
  ASSERT_TRUE(stream.read_outcomes(kFailures)) << "no message is above the client's limit of 4 MiB";
  EXPECT_GT(stream.latest[kFailures].payload.size(), 5 * kLongestErrorText) << "with all its causes";
  EXPECT_TRUE(stream.end().ok());
}

TEST_F(SessionBackpressureTest, RefusalsForOneReasonAreOne) {
  SessionServer server(registry_, {.max_pending = 0});
  Stream stream(server);
  v1::SessionRequest request;
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    auto& run = *request.add_submits();
    run.set_first(i);
    run.set_function("increment");
    run.add_arguments("");
  }
  stream.write(request);
  ASSERT_TRUE(stream.read_until([&] { return stream.refused() == 1000; }));
  EXPECT_EQ(stream.refusals.size(), 1U);
  EXPECT_TRUE(stream.end().ok());
}

// A client that is killed while it submits and reads as fast as it can.
TEST_F(SessionBackpressureTest, KilledClientLeavesNothingAndOthersAreServed) {
  SessionServer server(registry_, {}, settings_);
  Stream other(server, kOtherSession);
  std::string program = STREAMING_CLIENT;
  std::string address = server.address();
  char* const arguments[] = {program.data(), address.data(), nullptr};
  pid_t client = 0;
  ASSERT_EQ(posix_spawn(&client, program.c_str(), nullptr, nullptr, arguments, environ), 0);
  EXPECT_TRUE(eventually([&] { return server.table().stats().succeeded > 10'000; }));
  expect_served(other);
  EXPECT_EQ(server.sessions().size(), 2U);
  kill(client, SIGKILL);
  int status = 0;
  EXPECT_EQ(waitpid(client, &status, 0), client);
  EXPECT_TRUE(WIFSIGNALED(status)) << "it was in mid-stream";

  EXPECT_TRUE(eventually([&] { return server.sessions().size() == 1; }));
  expect_served(other);
  EXPECT_TRUE(other.end().ok());
  EXPECT_TRUE(gauges_are_at_their_base(server));
}

}  // namespace
}  // namespace futured
