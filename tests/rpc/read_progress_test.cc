#include "server/rpc/read_progress.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <vector>

#include "server/rpc/descriptor.h"
#include "tests/support/eventually.h"

namespace futured::rpc {
namespace {

using namespace std::chrono_literals;
using testing::eventually;

// Two ends of a TCP connection.
class ReadProgressTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const Descriptor listening(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    ASSERT_EQ(bind(listening.get(), any, size), 0);
    ASSERT_EQ(listen(listening.get(), 1), 0);
    ASSERT_EQ(getsockname(listening.get(), any, &size), 0);
    peer_ = Descriptor(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(connect(peer_.get(), any, size), 0);
    ours_ = Descriptor(accept4(listening.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    ASSERT_TRUE(ours_.valid());
    fcntl(peer_.get(), F_SETFL, O_NONBLOCK);
  }

  // As much as the kernel takes.
  void fill() {
    const std::vector<char> data(1 << 16);
    while (write(ours_.get(), data.data(), data.size()) > 0) continue;
  }
  // Whether nothing is taken for a minute, once kernels have passed on what they do by themselves; meanwhile the peer
  // does something.
  bool comes_to_a_stop(const std::function<void()>& something = [] {}) {
    return eventually([&] {
      something();
      now_ += 1s;
      return now_ - progress_.stopped_since(ours_.get(), now_) >= 60s;
    });
  }
  // The peer reads all that there is.
  void read_all() {
    std::vector<char> data(1 << 16);
    ASSERT_TRUE(eventually([&] { return read(peer_.get(), data.data(), data.size()) > 0; }));
    while (read(peer_.get(), data.data(), data.size()) > 0) continue;
  }

  Descriptor ours_, peer_;
  ReadProgress::Time now_{};
  ReadProgress progress_{now_};
};

TEST_F(ReadProgressTest, WhereNothingWaitsNothingHasStopped) {
  now_ += 1h;
  EXPECT_EQ(progress_.stopped_since(ours_.get(), now_), now_);
}

TEST_F(ReadProgressTest, APeerThatReadsNothingHasStopped) {
  fill();
  EXPECT_TRUE(comes_to_a_stop());
}

TEST_F(ReadProgressTest, APeerThatSendsAllTheTimeIsNoReader) {
  fill();
  EXPECT_TRUE(comes_to_a_stop([this] { EXPECT_EQ(write(peer_.get(), "x", 1), 1); }));
}

TEST_F(ReadProgressTest, APeerThatReadsAgainGoesOn) {
  fill();
  ASSERT_TRUE(comes_to_a_stop());
  read_all();
  now_ += 1h;
  EXPECT_TRUE(eventually([&] { return progress_.stopped_since(ours_.get(), now_) == now_; }));
}

TEST_F(ReadProgressTest, OfWhatIsNoTcpSocketNothingIsSaid) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const Descriptor reading(ends[0]), writing(ends[1]);
  ASSERT_EQ(write(writing.get(), "x", 1), 1);
  EXPECT_EQ(progress_.stopped_since(writing.get(), now_ + 1h), now_ + 1h);
}

}  // namespace
}  // namespace futured::rpc
