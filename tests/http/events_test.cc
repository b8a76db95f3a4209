#include "server/http/events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/http/fakes.h"
#include "tests/http/table_sources.h"
#include "tests/support/eventually.h"

namespace futured::http {
namespace {

using testing::FakeCaller;
using testing::FakeClient;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using testing::TableSources;

class EventsTest : public ::testing::Test {
 protected:
  // A client that is allowed to listen.
  std::shared_ptr<FakeClient> listen(const std::string& query = "") {
    auto client = ask(query);
    rpc_.done({});
    io_.poll();
    return client;
  }
  std::shared_ptr<FakeClient> ask(const std::string& query = "") {
    auto client = std::make_shared<FakeClient>();
    Request request;
    request.method = "GET";
    request.query = query;
    events_.handle(request, client);
    return client;
  }
  template <class Condition>
  bool run_until(const Condition& condition) {
    return testing::eventually([&] {
      io_.poll();
      return condition();
    });
  }

  TableSources t_;
  FakeCaller rpc_;
  boost::asio::io_context io_;
  Caller caller_{rpc_, rpc_, io_.get_executor(), "proof"};
  StreamCount count_{2, t_.stats};
  Events events_{{caller_, t_.sources, t_.stats, t_.time, count_}, io_.get_executor(), io_.get_executor()};
};

TEST_F(EventsTest, ReaderGetsFiguresAsEvents) {
  const auto client = listen();
  ASSERT_TRUE(client->stream_head);
  EXPECT_EQ(client->stream_head->content_type, "text/event-stream");
  ASSERT_TRUE(run_until([&] { return !client->pieces.empty(); }));
  EXPECT_THAT(client->pieces[0], StartsWith("event: figures\nid: 1\ndata: {"));
  EXPECT_THAT(client->pieces[0], HasSubstr(R"("name":"manual")"));
}

TEST_F(EventsTest, ClientThatDoesNotReadIsDropped) {
  const auto client = listen();
  const auto other = listen();
  client->reads = false;
  ASSERT_TRUE(run_until([&] { return client->closed; }));
  EXPECT_EQ(t_.stats.counts().slow_readers, 1U);
  EXPECT_EQ(t_.stats.counts().event_streams, 1U);
  ASSERT_TRUE(run_until([&] { return !other->pieces.empty(); }));
}

TEST_F(EventsTest, StreamsAreLimited) {
  const auto first = listen();
  listen();
  const auto third = listen();
  ASSERT_TRUE(third->answer);
  EXPECT_EQ(third->answer->status, 503U);
  first->close();
  EXPECT_TRUE(listen()->stream_head);
}

TEST_F(EventsTest, IntervalIsKept) {
  const auto slow = listen("interval=3600");
  const auto fast = listen("interval=1");
  ASSERT_TRUE(run_until([&] { return fast->pieces.size() >= 3; }));
  EXPECT_EQ(slow->pieces.size(), 1U);
}

}  // namespace
}  // namespace futured::http
