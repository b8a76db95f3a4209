// What happens to futures when the stream breaks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "futured/futured.h"
#include "tests/client/fake_daemon.h"

namespace futured::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(ReconnectTest, AConnectionIsMadeWhenItIsNeeded) {
  FakeDaemon daemon({serve_well});
  { const Executor unused(daemon.address()); }
  EXPECT_EQ(daemon.streams(), 0);
  Executor executor(daemon.address());
  EXPECT_EQ(submit(executor).result(20s), 1U);
  EXPECT_EQ(daemon.streams(), 1);
}

// semantics 16
TEST(ReconnectTest, CallsNotAcceptedAreSentAgainUnderTheSameCounters) {
  Numbers first, second;
  FakeDaemon daemon({[&](Conversation& talk) {
                       talk.welcome();
                       first = talk.read_submits(3);
                       return broken();
                     },
                     [&](Conversation& talk) {
                       talk.welcome();
                       second = talk.read_submits(3);
                       EXPECT_THAT(talk.watched, IsEmpty());
                       talk.accept(3);
                       talk.succeed(second);
                       talk.read_to_end();
                       return grpc::Status::OK;
                     }});
  Executor executor(daemon.address());
  const std::vector futures{submit(executor), submit(executor), submit(executor)};
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(futures[i].result(20s), i + 1);
  executor.shutdown();
  EXPECT_EQ(first, range(1, 3));
  EXPECT_EQ(second, range(1, 3));
}

TEST(ReconnectTest, TheSessionKeepsItsNameAcrossStreams) {
  std::vector<std::string> names;
  std::string id;
  const auto note = [&](Conversation& talk) {
    while (!talk.last().has_hello()) talk.read();
    names.push_back(talk.last().hello().session());
  };
  FakeDaemon daemon({[&](Conversation& talk) {
                       note(talk);
                       return broken();
                     },
                     [&](Conversation& talk) {
                       note(talk);
                       return serve_well(talk);
                     }});
  {
    Executor executor(daemon.address());
    (void)submit(executor).result(20s);
    id = executor.session_id();
  }
  EXPECT_THAT(names, ElementsAre(id, id));
}

TEST(ReconnectTest, AcceptedOnesAreWatchedAndNotSentAgain) {
  Numbers again;
  FakeDaemon daemon({[&](Conversation& talk) {
                       talk.welcome();
                       talk.read_submits(4);
                       talk.accept(2);
                       return broken();
                     },
                     [&](Conversation& talk) {
                       talk.welcome();
                       again = talk.read_submits(2);
                       while (talk.watched.size() < 2) talk.read();
                       EXPECT_EQ(talk.watched, range(1, 2));
                       talk.accept(4);
                       talk.succeed({1, 2, 3, 4});
                       talk.read_to_end();
                       return grpc::Status::OK;
                     }});
  Executor executor(daemon.address());
  std::vector<Future<std::uint64_t>> futures;
  for (int i = 0; i < 4; ++i) futures.push_back(submit(executor));
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(futures[i].result(20s), i + 1);
  executor.shutdown();
  EXPECT_EQ(again, range(3, 4));
}

// semantics 124, 128
TEST(ReconnectTest, OutcomesToldTwiceAreDropped) {
  FakeDaemon daemon({[&](Conversation& talk) {
                       talk.welcome();
                       talk.read_submits(2);
                       talk.accept(2);
                       talk.succeed({1});
                       talk.succeed({1});
                       return broken();
                     },
                     [&](Conversation& talk) {
                       talk.welcome();
                       talk.tell(1, v1::SESSION_EVENT_KIND_CANCELLED, "");
                       talk.succeed({1, 2});
                       talk.read_to_end();
                       return grpc::Status::OK;
                     }});
  Executor executor(daemon.address());
  std::atomic<int> calls = 0;
  const auto first = submit(executor);
  const auto second = submit(executor);
  first.add_done_callback([&](const auto&) { ++calls; });
  EXPECT_EQ(first.result(20s), 1U);
  EXPECT_EQ(second.result(20s), 2U);
  executor.shutdown();
  EXPECT_EQ(calls, 1);
  EXPECT_FALSE(first.cancelled());
}

TEST(ReconnectTest, OutcomesAreAcknowledgedAtTheLatestAtShutdown) {
  std::uint64_t acknowledged = 0;
  FakeDaemon daemon({[&](Conversation& talk) {
    talk.welcome();
    talk.read_submits(1);
    talk.accept(1);
    talk.succeed({1});
    talk.read_to_end();
    acknowledged = talk.acknowledged;
    return grpc::Status::OK;
  }});
  {
    Executor executor(daemon.address());
    EXPECT_EQ(submit(executor).result(20s), 1U);
  }
  EXPECT_TRUE(daemon.wait_for_end(1));
  EXPECT_EQ(acknowledged, 1U);
}

TEST(ReconnectTest, AnIdleExecutorAcknowledgesToo) {
  FakeDaemon daemon({[&](Conversation& talk) {
    talk.welcome();
    talk.read_submits(1);
    talk.accept(1);
    talk.succeed({1});
    while (talk.acknowledged == 0 && !talk.ended()) talk.read();
    EXPECT_FALSE(talk.ended());
    return broken();
  }});
  Executor executor(daemon.address());
  EXPECT_EQ(submit(executor).result(20s), 1U);
  EXPECT_TRUE(daemon.wait_for_end(1));
}

// semantics 164
TEST(ReconnectTest, AFutureThatTheDaemonForgotFailsAndSaysWhy) {
  FakeDaemon daemon({[&](Conversation& talk) {
                       talk.welcome("first");
                       talk.read_submits(2);
                       talk.accept(2);
                       return broken();
                     },
                     [&](Conversation& talk) {
                       talk.welcome("second");
                       while (talk.watched.size() < 2) talk.read();
                       talk.tell(1, v1::SESSION_EVENT_KIND_UNKNOWN, "lost by the test");
                       talk.succeed({2});
                       talk.read_to_end();
                       return grpc::Status::OK;
                     }});
  Executor executor(daemon.address());
  const auto lost = submit(executor);
  const auto kept = submit(executor);
  EXPECT_EQ(kept.result(20s), 2U);
  try {
    (void)lost.result(20s);
    FAIL() << "no error";
  } catch (const UnknownFuture& error) {
    EXPECT_THAT(error.what(), HasSubstr("lost by the test"));
    EXPECT_THAT(error.what(), HasSubstr("restarted"));
  }
}

// semantics 16, 162
TEST(ReconnectTest, WithoutADaemonFuturesFailAfterTheTimeout) {
  Executor executor("127.0.0.1:1", {.reconnect_timeout = 100ms});
  const auto first = submit(executor);
  const auto second = submit(executor);
  EXPECT_THROW((void)first.result(20s), ConnectionLost);
  EXPECT_THROW((void)second.result(20s), ConnectionLost);
  // semantics 159
  EXPECT_NE(first.exception(), second.exception());
  // semantics 14, 56
  EXPECT_THROW((void)submit(executor), ConnectionLost);
  executor.shutdown();
  executor.shutdown(true, {.cancel_futures = true});
}

TEST(ReconnectTest, ADaemonThatComesLateIsFound) {
  int port = 0;
  {
    const FakeDaemon reserving({});
    port = reserving.port();
  }
  Executor executor("127.0.0.1:" + std::to_string(port));
  const auto future = submit(executor);
  EXPECT_THROW((void)future.result(50ms), TimeoutError);
  FakeDaemon daemon({serve_well, serve_well}, port);
  EXPECT_EQ(future.result(20s), 1U);
}

TEST(ReconnectTest, ADaemonThatOnlyGreetsIsGivenUp) {
  std::vector<FakeDaemon::Script> scripts(1000, [](Conversation& talk) {
    talk.welcome();
    talk.read_submits(1);
    return broken();
  });
  FakeDaemon daemon(std::move(scripts));
  Executor executor(daemon.address(), {.reconnect_timeout = 400ms});
  EXPECT_THROW((void)submit(executor).result(20s), ConnectionLost);
}

TEST(ReconnectTest, AnotherOwnerOfTheSessionBreaksTheExecutor) {
  FakeDaemon daemon({[](Conversation& talk) {
    talk.welcome();
    talk.read_submits(1);
    return grpc::Status(grpc::StatusCode::ABORTED, "taken over by the test");
  }});
  Executor executor(daemon.address());
  const auto future = submit(executor);
  try {
    (void)future.result(20s);
    FAIL() << "no error";
  } catch (const BrokenExecutor& error) {
    EXPECT_THAT(error.what(), HasSubstr("taken over by the test"));
  }
  EXPECT_THROW((void)submit(executor), BrokenExecutor);
  EXPECT_EQ(daemon.streams(), 1);
}

// semantics 104, 105
TEST(ReconnectTest, CancelWithoutAnAnswerIsFalse) {
  FakeDaemon daemon({[&](Conversation& talk) {
    talk.welcome();
    talk.read_submits(1);
    talk.accept(1);
    while (talk.cancels.empty()) talk.read();
    talk.succeed({1});
    talk.read_to_end();
    return grpc::Status::OK;
  }});
  Executor executor(daemon.address(), {.cancel_timeout = 100ms});
  const auto future = submit(executor);
  EXPECT_FALSE(future.cancel());
  EXPECT_EQ(future.result(20s), 1U);
}

TEST(ReconnectTest, CancelIsSentAgainOnTheNextStream) {
  FakeDaemon daemon({[&](Conversation& talk) {
                       talk.welcome();
                       talk.read_submits(1);
                       talk.accept(1);
                       while (talk.cancels.empty()) talk.read();
                       return broken();
                     },
                     [&](Conversation& talk) {
                       talk.welcome();
                       while (talk.cancels.empty()) talk.read();
                       EXPECT_THAT(talk.cancels.front().counters(), ElementsAre(1));
                       v1::SessionResponse answer;
                       answer.add_cancelled()->set_request(talk.cancels.front().request());
                       answer.mutable_cancelled(0)->add_effects(v1::CANCEL_EFFECT_CANCELLED);
                       talk.send(answer);
                       talk.read_to_end();
                       return grpc::Status::OK;
                     }});
  Executor executor(daemon.address());
  const auto future = submit(executor);
  EXPECT_TRUE(future.cancel());
  EXPECT_TRUE(future.cancelled());
}

TEST(ReconnectTest, AttachedFuturesAreAttachedAgain) {
  const std::string id = "00000000-0000-8000-8000-000000000001";
  FakeDaemon daemon({[&](Conversation& talk) {
                       talk.welcome();
                       while (talk.attaches.empty()) talk.read();
                       return broken();
                     },
                     [&](Conversation& talk) {
                       talk.welcome();
                       while (talk.attaches.empty()) talk.read();
                       EXPECT_EQ(talk.attaches.front().id(), id);
                       talk.succeed({talk.attaches.front().counter()});
                       talk.read_to_end();
                       return grpc::Status::OK;
                     }});
  Executor executor(daemon.address());
  EXPECT_EQ(executor.attach<std::uint64_t>(id).result(20s), 1U);
}

// The stream breaks after every number of messages that the daemon may have sent.
TEST(ReconnectTest, NothingIsLostWhereverTheStreamBreaks) {
  for (int spared = 0; spared < 12; ++spared) {
    const auto limited = [&](Conversation& talk) {
      int left = spared;
      const auto may_send = [&] { return left-- > 0; };
      if (!may_send()) return broken();
      talk.welcome();
      while (!talk.ended()) {
        for (const std::uint64_t counter : talk.read_submits(1)) {
          if (!may_send()) return broken();
          talk.accept(counter);
          if (!may_send()) return broken();
          talk.succeed({counter});
        }
      }
      return grpc::Status::OK;
    };
    const auto finish = [](Conversation& talk) {
      talk.welcome();
      while (!talk.ended()) {
        const Numbers counters = talk.read_submits(1);
        if (!counters.empty()) talk.accept(counters.back());
        if (!counters.empty()) talk.succeed(counters);
        if (!talk.watched.empty()) talk.succeed(std::exchange(talk.watched, {}));
      }
      return grpc::Status::OK;
    };
    FakeDaemon daemon({limited, finish});
    Executor executor(daemon.address());
    std::vector<Future<std::uint64_t>> futures;
    for (int i = 0; i < 8; ++i) futures.push_back(submit(executor));
    for (std::size_t i = 0; i < futures.size(); ++i) EXPECT_EQ(futures[i].result(20s), i + 1) << spared;
  }
}

}  // namespace
}  // namespace futured::testing
