// What a session is told of submits that the store has not made safe.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/rpc/session_reactor.h"
#include "tests/support/recording_store.h"
#include "tests/support/session_server.h"
#include "tests/support/session_stream.h"

namespace futured {
namespace {

using Stream = testing::SessionStream;

class SessionStoreTest : public ::testing::Test {
 protected:
  SessionStoreTest() {
    registry_.add(Task<std::uint64_t(std::uint64_t)>("increment"), [](std::uint64_t n) { return n + 1; });
    settings_.max_arguments_size = 100;
  }
  void TearDown() override { store_.let_go(); }

  // Returns when the daemon has handled all that was written before.
  static bool is_handled(Stream& stream) {
    constexpr std::uint64_t kNobody = 1'000'000;
    v1::SessionRequest request;
    request.add_watched(kNobody);
    stream.write(request);
    return stream.read_until([&] { return stream.latest.contains(kNobody); });
  }

  const std::string small_ = encode_arguments(std::uint64_t{1});
  const std::string large_ = std::string(101, 'x');
  Registry registry_;
  testing::RecordingStore store_;
  rpc::SessionSettings settings_;
};

TEST_F(SessionStoreTest, SubmitIsAcceptedWhenItIsStored) {
  testing::SessionServer server(registry_, {}, settings_, &store_);
  Stream stream(server);
  store_.hold();
  stream.submit(1, "increment", {small_});
  ASSERT_TRUE(is_handled(stream));
  EXPECT_EQ(stream.accepted, 0u);
  store_.let_go();
  EXPECT_TRUE(stream.read_until([&] { return stream.accepted == 2; }));
}

TEST_F(SessionStoreTest, RefusalOfALaterTaskAcknowledgesNothingThatIsNotStored) {
  testing::SessionServer server(registry_, {}, settings_, &store_);
  Stream stream(server);
  store_.hold();
  stream.submit(1, "increment", {small_, large_});
  stream.submit(3, "increment", {large_});
  ASSERT_TRUE(is_handled(stream));
  EXPECT_EQ(stream.accepted, 0u);
  store_.let_go();
  EXPECT_TRUE(stream.read_until([&] { return stream.accepted == 4; }));
  EXPECT_EQ(stream.refused(), 2u);
}

TEST_F(SessionStoreTest, FullTableAcknowledgesNothingThatIsNotStored) {
  core::Limits limits;
  limits.max_pending = 1;
  testing::SessionServer server(registry_, limits, settings_, &store_);
  Stream stream(server);
  store_.hold();
  stream.submit(1, "increment", {small_});
  stream.submit(2, "increment", {small_});
  ASSERT_TRUE(is_handled(stream));
  EXPECT_EQ(stream.accepted, 0u);
  store_.let_go();
  EXPECT_TRUE(stream.read_until([&] { return stream.accepted == 3; }));
  EXPECT_EQ(stream.refused(), 1u);
}

}  // namespace
}  // namespace futured
