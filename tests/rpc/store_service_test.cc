#include "server/rpc/store_service.h"

#include <gmock/gmock.h>
#include <grpc/grpc.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/store/memory_store.h"
#include "tests/support/answer.h"
#include "tests/support/caller_gate.h"
#include "tests/support/gate.h"
#include "tests/support/manual_time.h"
#include "tests/support/temporary_directory.h"

namespace futured {
namespace {

using grpc::StatusCode;
using testing::answer_of;
using testing::eventually;
using testing::expect;
using testing::Gate;
using testing::kPatience;

constexpr std::size_t kPiece = std::size_t{256} << 10;

// A store whose copies are made when the test lets them.
class SlowStore final : public core::Store {
 public:
  bool wants_transitions() const override { return false; }
  void append(std::vector<core::Transition>, std::function<void()> when_durable) override { when_durable(); }
  core::Result<void> backup(const std::filesystem::path& copy, const std::function<bool()>& unwanted) const override {
    if (refusal_) return tl::unexpected(*refusal_);
    begun_.open();
    const bool go_on = eventually([&] { return may_end_ || (!stubborn_ && unwanted()); });
    if (!go_on || (!stubborn_ && unwanted())) {
      given_up_.open();
      return core::failure(core::Reason::kCallerGone, "unwanted");
    }
    std::ofstream(copy, std::ios::binary) << content_;
    return {};
  }

  std::optional<core::Status> refusal_;
  std::string content_ = "content";
  std::atomic<bool> may_end_{true};
  // It does not ask whether it is wanted.
  std::atomic<bool> stubborn_{false};
  mutable Gate begun_;
  mutable Gate given_up_;
};

// One call, read on the test's thread.
class Stream {
 public:
  explicit Stream(v1::StoreService::Stub& stub) {
    context_.set_deadline(std::chrono::system_clock::now() + kPatience);
    reader_ = stub.Backup(&context_, v1::BackupRequest());
  }

  bool read() {
    if (!reader_->Read(&last_)) return false;
    EXPECT_LE(last_.data().size(), kPiece);
    if (messages_ == 0) total_ = last_.total_size();
    EXPECT_EQ(last_.total_size() > 0, messages_ == 0);
    ++messages_;
    bytes_ += last_.data();
    return true;
  }
  // Reads the rest.
  testing::Answer finish() {
    while (read()) continue;
    const auto status = reader_->Finish();
    return answer_of(status, context_);
  }
  void cancel() { context_.TryCancel(); }

  std::string bytes_;
  std::uint64_t total_ = 0;
  int messages_ = 0;

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::BackupResponse>> reader_;
  v1::BackupResponse last_;
};

class StoreServiceTest : public ::testing::Test {
 public:
  ~StoreServiceTest() override {
    store_.may_end_ = true;
    stop();
  }

 protected:
  StoreServiceTest() {
    // Never undone, as the end of the library sometimes waits 10 s for a poller of its own.
    grpc_init();
    serve(store_);
  }

  void serve(const core::Store& store) {
    service_.emplace(rpc::StoreService::Parts{store, table_, gate_},
                     [this] { return folder_.path() + "/copy-" + std::to_string(++copies_); });
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&*service_);
    server_ = builder.BuildAndStart();
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    stub_ = v1::StoreService::NewStub(
        grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials(), arguments));
  }
  void end_backups() { service_->end_backups({core::Reason::kDaemonStopping, "the daemon is shutting down", {}}); }
  void stop() {
    end_backups();
    server_->Shutdown(std::chrono::system_clock::now());
    EXPECT_TRUE(idle());
    server_.reset();
    service_->stop();
    EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
  }
  // No call is left.
  bool idle() {
    return eventually([&] { return service_->live_reactors() == 0; });
  }
  testing::Answer backup() { return Stream(*stub_).finish(); }
  // A copy that is gone leaves the way to the next, if not at once.
  bool next_works() {
    return eventually([&] { return backup().code == StatusCode::OK; });
  }
  // More than fits into gRPC's buffers and the kernel's.
  static std::string huge() { return std::string(std::size_t{64} << 20, 'x'); }

  testing::TemporaryDirectory folder_;
  testing::ManualTime time_;
  store::MemoryStore memory_;
  core::FutureTable table_{{time_, time_, memory_}, {}};
  testing::CallerGate gate_;
  std::atomic<int> copies_{0};
  SlowStore store_;
  std::optional<rpc::StoreService> service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::StoreService::Stub> stub_;
};

TEST_F(StoreServiceTest, PiecesAddUpToTheCopy) {
  for (int i = 0; store_.content_.size() < 3 * kPiece + 17; ++i) store_.content_ += std::to_string(i) + '\n';
  Stream stream(*stub_);
  expect(stream.finish(), StatusCode::OK, "");
  EXPECT_EQ(stream.total_, store_.content_.size());
  EXPECT_TRUE(stream.bytes_ == store_.content_);
  EXPECT_EQ(stream.messages_, 4);
  EXPECT_TRUE(idle());
}

TEST_F(StoreServiceTest, CopyOfWholePiecesHasNoEmptyOneBehind) {
  store_.content_ = std::string(2 * kPiece, 'x');
  Stream stream(*stub_);
  expect(stream.finish(), StatusCode::OK, "");
  EXPECT_EQ(stream.bytes_.size(), 2 * kPiece);
  EXPECT_EQ(stream.messages_, 2);
}

TEST_F(StoreServiceTest, FileHasNoNameWhileItIsStreamed) {
  store_.content_ = huge();
  Stream stream(*stub_);
  ASSERT_TRUE(stream.read());
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
  expect(stream.finish(), StatusCode::OK, "");
  EXPECT_EQ(stream.bytes_.size(), stream.total_);
}

TEST_F(StoreServiceTest, RefusalsOfTheStorePass) {
  store_.refusal_ = {core::Reason::kDiskFull, "the disk is full", std::chrono::seconds(10)};
  const auto answer = backup();
  expect(answer, core::Reason::kDiskFull, "the disk is full");
  EXPECT_EQ(answer.retry_after_ms, "10000");
  store_.refusal_ = {core::Reason::kCopyTookTooLong, "it took too long", {}};
  expect(backup(), core::Reason::kCopyTookTooLong, "it took too long");
}

TEST_F(StoreServiceTest, MemoryHasNothingToCopy) {
  stop();
  const store::MemoryStore memory;
  serve(memory);
  expect(backup(), core::Reason::kStoreInMemory, "memory only");
  stop();
  serve(store_);
}

TEST_F(StoreServiceTest, SecondIsRefusedWithADelayWhileTheFirstIsUnderWay) {
  store_.may_end_ = false;
  Stream first(*stub_);
  ASSERT_TRUE(store_.begun_.wait());
  const auto answer = backup();
  expect(answer, core::Reason::kBackupUnderWay, "another backup is under way");
  EXPECT_EQ(answer.retry_after_ms, "1000");
  store_.may_end_ = true;
  expect(first.finish(), StatusCode::OK, "");
  EXPECT_EQ(first.bytes_, store_.content_);
  EXPECT_TRUE(next_works());
}

TEST_F(StoreServiceTest, SecondIsRefusedWhileTheFirstIsStreamed) {
  store_.content_ = huge();
  Stream first(*stub_);
  ASSERT_TRUE(first.read());
  expect(backup(), core::Reason::kBackupUnderWay, "another backup is under way");
  expect(first.finish(), StatusCode::OK, "");
}

TEST_F(StoreServiceTest, CancelEndsTheCopy) {
  store_.may_end_ = false;
  Stream stream(*stub_);
  ASSERT_TRUE(store_.begun_.wait());
  stream.cancel();
  expect(stream.finish(), StatusCode::CANCELLED, "");
  EXPECT_TRUE(store_.given_up_.wait());
  EXPECT_TRUE(idle());
  store_.may_end_ = true;
  EXPECT_TRUE(next_works());
}

TEST_F(StoreServiceTest, CancelEndsTheStream) {
  store_.content_ = huge();
  Stream stream(*stub_);
  ASSERT_TRUE(stream.read());
  stream.cancel();
  EXPECT_EQ(stream.finish().code, StatusCode::CANCELLED);
  EXPECT_TRUE(idle());
  store_.content_ = "short";
  EXPECT_TRUE(next_works());
}

TEST_F(StoreServiceTest, EndOfTheDaemonEndsTheCopy) {
  store_.may_end_ = false;
  Stream stream(*stub_);
  ASSERT_TRUE(store_.begun_.wait());
  end_backups();
  expect(stream.finish(), core::Reason::kDaemonStopping, "shutting down");
  EXPECT_TRUE(store_.given_up_.wait());
  EXPECT_TRUE(service_->wait_until_none(std::chrono::steady_clock::now() + kPatience));
  EXPECT_NE(backup().code, StatusCode::OK) << "and later ones";
}

TEST_F(StoreServiceTest, EndOfTheDaemonDoesNotWaitForACopyThatCannotBeInterrupted) {
  store_.may_end_ = false;
  store_.stubborn_ = true;
  Stream stream(*stub_);
  ASSERT_TRUE(store_.begun_.wait());
  end_backups();
  expect(stream.finish(), core::Reason::kDaemonStopping, "shutting down");
  EXPECT_TRUE(idle());
}

TEST_F(StoreServiceTest, EndOfTheDaemonEndsTheStream) {
  store_.content_ = huge();
  Stream stream(*stub_);
  ASSERT_TRUE(stream.read());
  end_backups();
  expect(stream.finish(), core::Reason::kDaemonStopping, "shutting down");
  EXPECT_LT(stream.bytes_.size(), stream.total_);
  EXPECT_TRUE(idle());
}

TEST_F(StoreServiceTest, ReaderThatStopsReadingIsBrokenOffWithTheServer) {
  store_.content_ = huge();
  Stream stream(*stub_);
  ASSERT_TRUE(stream.read());
  stop();
  EXPECT_NE(stream.finish().code, StatusCode::OK);
  serve(store_);
}

}  // namespace
}  // namespace futured
