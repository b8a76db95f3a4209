#include "server/http/task_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "server/http/tasks_json.h"
#include "tests/http/fakes.h"
#include "tests/http/table_sources.h"
#include "tests/support/eventually.h"

namespace futured::http {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::FakeCaller;
using testing::FakeClient;
using ::testing::StartsWith;
using testing::TableSources;

constexpr core::SessionId kSession{0x1111'1111'1111'8111, 0x8111};

class TaskEventsTest : public ::testing::Test {
 protected:
  TaskEventsTest() {
    ann_ = t_.table.add_account({"ann", "a"});
    bob_ = t_.table.add_account({"bob", "b"});
  }

  // A client that is allowed to listen, if he is somebody.
  std::shared_ptr<FakeClient> listen(std::optional<core::AccountIndex> account) {
    account_ = account;
    auto client = std::make_shared<FakeClient>();
    Request request;
    request.method = "GET";
    tasks_.handle(request, client);
    rpc_.done({});
    io_.poll();
    return client;
  }
  core::FutureId run_one(core::AccountIndex account) {
    const core::FutureId id = core::make_future_id(kSession, ++counter_);
    core::NewTask task{id, core::Bytes(), 1};
    core::TaskGroup group{"task", t_.executor.index(), {}, {&task, 1}, account};
    EXPECT_TRUE(t_.table.create({&group, 1}, core::kNoSubscriber, nullptr));
    t_.time.advance(2ms);
    EXPECT_TRUE(t_.executor.finish(id, core::Outcome::succeeded(core::Bytes())));
    return id;
  }
  // The tasks of the next event.
  json next_event(FakeClient& client) {
    client.pieces.clear();
    EXPECT_TRUE(testing::eventually([&] {
      io_.poll();
      return !client.pieces.empty();
    }));
    constexpr std::string_view kBegin = "event: tasks\ndata: ";
    EXPECT_THAT(client.pieces[0], StartsWith(std::string(kBegin)));
    return json::parse(client.pieces[0].substr(kBegin.size()));
  }

  TableSources t_;
  FakeCaller rpc_;
  boost::asio::io_context io_;
  Caller caller_{rpc_, rpc_, io_.get_executor(), "proof"};
  StreamCount count_{3, t_.stats};
  std::optional<core::AccountIndex> account_;
  TaskEvents tasks_{{caller_, t_.sources, t_.stats, t_.time, count_, [this](auto) { return account_; }},
                    io_.get_executor(),
                    io_.get_executor()};
  core::AccountIndex ann_ = 0;
  core::AccountIndex bob_ = 0;
  std::uint64_t counter_ = 0;
};

TEST_F(TaskEventsTest, EachIsToldOfTheTasksThatItSees) {
  const auto of_ann = listen(ann_);
  const auto of_bob = listen(bob_);
  const core::FutureId id = run_one(ann_);
  const json event = next_event(*of_ann);
  EXPECT_EQ(event["seen"], 1);
  ASSERT_EQ(event["tasks"].size(), 1U);
  EXPECT_EQ(event["tasks"][0]["id"], to_string(id));
  EXPECT_EQ(event["executors"][0]["name"], "manual");
  const json other = next_event(*of_bob);
  EXPECT_EQ(other["seen"], 0);
  EXPECT_TRUE(other["tasks"].empty());
}

TEST_F(TaskEventsTest, SlowClientMissesEventsAndStays) {
  const auto slow = listen(ann_);
  const auto quick = listen(ann_);
  slow->reads = false;
  next_event(*quick);
  next_event(*quick);
  EXPECT_FALSE(slow->closed);
  EXPECT_EQ(t_.stats.counts().slow_readers, 0U);
  slow->reads = true;
  run_one(ann_);
  EXPECT_EQ(next_event(*slow)["seen"], 1);
}

TEST_F(TaskEventsTest, StreamsOfAllPagesAreLimitedTogether) {
  FakeClient other;
  ASSERT_TRUE(count_.take(other));
  listen(ann_);
  const auto last = listen(bob_);
  EXPECT_EQ(listen(ann_)->answer.value().status, 503U);
  last->close();
  EXPECT_TRUE(listen(ann_)->stream_head);
}

TEST_F(TaskEventsTest, WhoseCredentialsHaveJustBeenTakenBackIsNobody) {
  EXPECT_EQ(listen(std::nullopt)->answer.value().status, 401U);
}

TEST(TasksJsonTest, TimesAreMillisecondsAndWhatIsNotKnownIsNull) {
  TableSources t;
  core::TasksSeen seen;
  seen.now = t.time.now();
  seen.count = 7;
  const core::FutureId id = core::make_future_id(kSession, 1);
  seen.ended.push_back({id, "a\"b", 0, 3, seen.now - 2500us, seen.now - 1ms, core::State::kFailed});
  seen.running.push_back({id, "task", 0, std::nullopt, seen.now - 1s, std::nullopt, core::State::kRunning});
  const auto executors = t.table.executors();
  const json event = json::parse(tasks_json(seen, executors, core::WallTime(1'000'000'000s)));
  EXPECT_EQ(event, json::parse(R"({"now": 1000000000000.0, "seen": 7,
      "executors": [{"name": "manual", "kind": "manual", "workers": 1}],
      "tasks": [{"id": ")" + to_string(id) +
                               R"(", "function": "a\"b", "executor": "manual", "worker": 3,
                 "started": 999999999997.5, "ended": 999999999999.0, "outcome": "failed"},
                {"id": ")" + to_string(id) +
                               R"(", "function": "task", "executor": "manual", "worker": null,
                 "started": 999999999000.0, "ended": null, "outcome": null}]})"));
}

}  // namespace
}  // namespace futured::http
