// The real daemon and its data directory: what survives, and what it refuses.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <sched.h>
#include <sys/mount.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "futured/v1/future_service.grpc.pb.h"
#include "server/store/sqlite.h"
#include "tests/crash/power.h"
#include "tests/support/daemon_process.h"
#include "tests/support/eventually.h"
#include "tests/support/foreign_visit.h"
#include "tests/support/health_probe.h"
#include "tests/support/temporary_directory.h"

namespace futured {
namespace {

using testing::DaemonProcess;
using ::testing::HasSubstr;
using testing::kPatience;

class DurableTest : public ::testing::Test {
 protected:
  void TearDown() override { daemon_.reset(); }

  void start() {
    daemon_ = std::make_unique<DaemonProcess>(flags());
    const std::string address = daemon_->address();
    ASSERT_NE(address, "") << daemon_->output();
    channel_ = grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
    stub_ = v1::FutureService::NewStub(channel_);
  }
  std::vector<std::string> flags() const {
    std::vector<std::string> flags{"--data-dir=" + data_.string(), "--plugins=" GATE_PLUGIN,
                                   "--executor=thread.max_workers=1"};
    flags.insert(flags.end(), more_flags_.begin(), more_flags_.end());
    return flags;
  }
  void kill_and_start() {
    daemon_->send(SIGKILL);
    ASSERT_EQ(daemon_->exit_code(), 128 + SIGKILL);
    start();
  }
  // What the daemon says, which must not start.
  std::string refusal() {
    DaemonProcess daemon(flags());
    EXPECT_EQ(daemon.exit_code(), 1);
    return daemon.output();
  }

  grpc::Status submit(const std::string& gate, std::string* id, const v1::TaskOptions& options = {},
                      const std::string& function = "gate.wait") {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    v1::SubmitRequest request;
    v1::Task& task = *request.add_tasks();
    task.set_function(function);
    task.mutable_arguments()->add_positional()->set_string_value(gate_of(gate));
    *task.mutable_options() = options;
    v1::SubmitResponse response;
    grpc::Status status = stub_->Submit(&context, request, &response);
    if (status.ok()) *id = response.futures(0).id();
    return status;
  }
  std::string submit(const std::string& gate, const v1::TaskOptions& options = {},
                     const std::string& function = "gate.wait") {
    std::string id;
    const grpc::Status status = submit(gate, &id, options, function);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return id;
  }
  v1::ResultResponse result(const std::string& id) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    v1::ResultRequest request;
    request.set_id(id);
    v1::ResultResponse response;
    const grpc::Status status = stub_->Result(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  v1::FutureState state(const std::string& id) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    v1::GetRequest request;
    request.add_ids(id);
    v1::GetResponse response;
    const grpc::Status status = stub_->Get(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.futures_size() == 1 ? response.futures(0).state() : v1::FUTURE_STATE_UNSPECIFIED;
  }

  std::string gate_of(const std::string& gate) const { return folder_.path() + "/" + gate; }
  void open(const std::string& gate) const { std::ofstream(gate_of(gate)).flush(); }
  bool wait_for_begin(const std::string& gate) const {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (!std::filesystem::exists(gate_of(gate) + ".begun")) {
      if (std::chrono::steady_clock::now() > end) return false;
    }
    return true;
  }
  std::filesystem::path database() const { return data_ / "futured.db"; }
  static std::string contents(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  const testing::TemporaryDirectory folder_;
  std::filesystem::path data_ = folder_.path() + "/data";
  std::vector<std::string> more_flags_;
  std::unique_ptr<DaemonProcess> daemon_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::FutureService::Stub> stub_;
};

TEST_F(DurableTest, FuturesSurviveAKill) {
  start();
  open("finished");
  const std::string finished = submit("finished");
  ASSERT_TRUE(result(finished).done());
  const std::string running = submit("running");
  ASSERT_TRUE(wait_for_begin("running"));
  // What was told is in the log before what is submitted later.
  ASSERT_TRUE(testing::eventually([&] { return state(running) == v1::FUTURE_STATE_RUNNING; }));
  const std::string pending = submit("pending");
  kill_and_start();
  open("pending");
  EXPECT_TRUE(result(finished).outcome().value().bool_value());
  EXPECT_EQ(result(running).outcome().error().type(), "DaemonRestarted");
  EXPECT_TRUE(result(pending).outcome().value().bool_value());
}

TEST_F(DurableTest, PendingSurvivesAnEndInOrder) {
  start();
  const std::string running = submit("running");
  ASSERT_TRUE(wait_for_begin("running"));
  const std::string pending = submit("pending");
  daemon_->send(SIGTERM);
  ASSERT_TRUE(daemon_->wrote("draining"));
  open("running");
  ASSERT_EQ(daemon_->exit_code(), 0);
  start();
  open("pending");
  EXPECT_TRUE(result(running).outcome().value().bool_value());
  EXPECT_TRUE(result(pending).outcome().value().bool_value());
}

TEST_F(DurableTest, PendingThatIsNotStoredIsCancelledAtTheEnd) {
  start();
  submit("running");
  ASSERT_TRUE(wait_for_begin("running"));
  v1::TaskOptions options;
  options.set_ephemeral(true);
  const std::string pending = submit("pending", options);
  daemon_->send(SIGTERM);
  EXPECT_TRUE(result(pending).outcome().has_cancelled());
  open("running");
  EXPECT_EQ(daemon_->exit_code(), 0);
}

TEST_F(DurableTest, RunningOfAllExecutorsIsLeftToTheNextDaemonWhenTheGraceIsOver) {
  more_flags_ = {"--executor=p.kind=process", "--executor=p.max_workers=2", "--drain-grace=10ms"};
  start();
  v1::TaskOptions in_process;
  in_process.set_executor("p");
  v1::TaskOptions again = in_process;
  again.mutable_retry()->set_max_attempts(2);
  again.mutable_retry()->add_on("daemon");
  const std::string thread = submit("thread");
  const std::string process = submit("process", in_process);
  const std::string repeated = submit("repeated", again);
  for (const char* gate : {"thread", "process", "repeated"}) ASSERT_TRUE(wait_for_begin(gate));
  daemon_->send(SIGTERM);
  ASSERT_TRUE(daemon_->exit_code());
  EXPECT_THAT(daemon_->output(), HasSubstr("the grace is over"));
  open("repeated");
  start();
  EXPECT_EQ(result(thread).outcome().error().type(), "DaemonRestarted");
  EXPECT_EQ(result(process).outcome().error().type(), "DaemonRestarted");
  EXPECT_TRUE(result(repeated).outcome().value().bool_value());
}

TEST_F(DurableTest, TaskThatKillsTheDaemonAtOnceDoesSoTwice) {
  start();
  submit("running");
  ASSERT_TRUE(wait_for_begin("running"));
  // It is stored before it begins: it waits for the only worker.
  const std::string killer = submit("", {}, "gate.kill");
  open("running");
  ASSERT_EQ(daemon_->exit_code(), 128 + SIGKILL);
  EXPECT_EQ(DaemonProcess(flags()).exit_code(), 128 + SIGKILL);
  start();
  EXPECT_EQ(result(killer).outcome().error().type(), "DaemonRestarted");
}

TEST_F(DurableTest, SecondDaemonOnTheDirectoryIsRefused) {
  start();
  EXPECT_THAT(refusal(), HasSubstr(data_.string() + " is in use by process " + std::to_string(daemon_->pid())));
  EXPECT_EQ(testing::health_of(channel_), testing::Health::kServing);
}

TEST_F(DurableTest, DatabaseOfANewerDaemonIsRefused) {
  start();
  daemon_->send(SIGTERM);
  ASSERT_EQ(daemon_->exit_code(), 0);
  {
    auto connection = store::Connection::open(database(), SQLITE_OPEN_READWRITE, "");
    ASSERT_TRUE(connection && connection->execute("PRAGMA user_version = 99"));
  }
  EXPECT_THAT(refusal(), HasSubstr("was used by a newer one"));
}

TEST_F(DurableTest, ForeignAndDamagedFilesAreRefusedAndLeftAlone) {
  std::filesystem::create_directory(data_);
  std::filesystem::permissions(data_, std::filesystem::perms::owner_all);
  const std::string foreign(5000, 'x');
  std::ofstream(database()) << foreign;
  std::filesystem::permissions(database(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_THAT(refusal(), HasSubstr(database().string() + " is not an SQLite database"));
  EXPECT_EQ(contents(database()), foreign);
  std::filesystem::remove(database());

  start();
  open("gate");
  ASSERT_TRUE(result(submit("gate")).done());
  daemon_->send(SIGTERM);
  ASSERT_EQ(daemon_->exit_code(), 0);
  std::string damaged = contents(database());
  for (std::size_t at = 4096; at < damaged.size(); ++at) damaged[at] = static_cast<char>(at * 7);
  std::ofstream(database(), std::ios::binary | std::ios::trunc) << damaged;
  EXPECT_THAT(refusal(), HasSubstr(database().string()));
  EXPECT_EQ(contents(database()), damaged);
}

TEST_F(DurableTest, BackupOfARunningDaemonTakesThePlaceOfItsDatabase) {
  start();
  open("gate");
  const std::string finished = submit("gate");
  ASSERT_TRUE(result(finished).done());
  const std::string running = submit("closed");
  const std::string copy = folder_.path() + "/copy.db";
  {
    DaemonProcess backup({"--data-dir=" + data_.string(), "--backup=" + copy});
    ASSERT_EQ(backup.exit_code(), 0) << backup.output();
    DaemonProcess again({"--data-dir=" + data_.string(), "--backup=" + copy});
    EXPECT_EQ(again.exit_code(), 1);
    EXPECT_THAT(again.output(), HasSubstr(copy + " is there already"));
  }
  daemon_.reset();
  data_ = folder_.path() + "/restored";
  std::filesystem::create_directory(data_);
  std::filesystem::permissions(data_, std::filesystem::perms::owner_all);
  std::filesystem::copy_file(copy, database());
  start();
  open("closed");
  EXPECT_TRUE(result(finished).outcome().value().bool_value());
  EXPECT_TRUE(result(running).done());
}

// As somebody does who looks what is in it, after a crash.
TEST_F(DurableTest, DatabaseThatAnotherProgramHasOpenedAndClosedIsTaken) {
  start();
  const std::string id = submit("gate");
  daemon_->send(SIGKILL);
  ASSERT_EQ(daemon_->exit_code(), 128 + SIGKILL);
  testing::visit_database(database());
  ASSERT_FALSE(std::filesystem::exists(data_ / "futured.db-wal"));
  start();
  open("gate");
  EXPECT_TRUE(result(id).done());
}

class FullDiskDaemonTest : public DurableTest {
 protected:
  // A small file system in mounts of this process's own.
  void SetUp() override {
    std::filesystem::create_directory(disk_);
    if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", disk_.c_str(), "tmpfs", 0, "size=112m") != 0) {
      GTEST_SKIP() << "needs root";
    }
    data_ = disk_ / "data";
  }
  void TearDown() override {
    DurableTest::TearDown();
    ::umount2(disk_.c_str(), MNT_DETACH);
  }
  // Leaves so many MiB.
  void fill_disk(std::uint64_t leave) {
    const auto free = std::filesystem::space(disk_).available;
    ASSERT_GT(free, leave << 20);
    std::ofstream file(disk_ / "filler", std::ios::binary | std::ios::app);
    const std::string piece(1 << 20, 'f');
    for (std::uint64_t left = free - (leave << 20); left > 0;) {
      const auto size = std::min<std::uint64_t>(left, piece.size());
      file.write(piece.data(), static_cast<std::streamsize>(size));
      left -= size;
    }
  }
  // Submits until it is refused, or until it is taken.
  grpc::Status submit_until(bool taken) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    for (;;) {
      std::string id;
      grpc::Status status = submit("gate", &id);
      if (status.ok() == taken || std::chrono::steady_clock::now() > end) return status;
    }
  }

  const std::filesystem::path disk_ = folder_.path() + "/disk";
};

TEST_F(FullDiskDaemonTest, NewTasksAreRefusedOutcomesAreKeptAndRoomIsNoticed) {
  start();
  const std::string id = submit("running");
  ASSERT_TRUE(wait_for_begin("running"));
  fill_disk(32);
  const grpc::Status refused = submit_until(false);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(refused.error_message(), HasSubstr("is nearly full"));
  fill_disk(0);
  open("running");
  EXPECT_TRUE(result(id).outcome().value().bool_value());
  std::filesystem::remove(disk_ / "filler");
  EXPECT_TRUE(submit_until(true).ok());
  kill_and_start();
  EXPECT_TRUE(result(id).outcome().value().bool_value());
}

TEST(FailingStoreTest, DaemonEndsAndAcknowledgesNothing) {
  const testing::TemporaryDirectory folder;
  std::unique_ptr<crash::Disk> disk;
  try {
    disk = std::make_unique<crash::Disk>(folder.path());
  } catch (const std::exception& error) {
    GTEST_SKIP() << error.what();
  }
  const std::vector<std::string> flags{"--data-dir=" + (disk->path() / "data").string(), "--plugins=" GATE_PLUGIN};
  const auto submit = [](DaemonProcess& daemon) {
    const auto stub =
        v1::FutureService::NewStub(grpc::CreateChannel(daemon.address(), grpc::InsecureChannelCredentials()));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    v1::SubmitRequest request;
    request.add_tasks()->set_function("gate.wait");
    v1::SubmitResponse response;
    return stub->Submit(&context, request, &response);
  };
  auto daemon = std::make_unique<DaemonProcess>(flags);
  EXPECT_TRUE(submit(*daemon).ok());
  disk->cut();
  EXPECT_EQ(submit(*daemon).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(daemon->exit_code(), 1);
  EXPECT_THAT(daemon->output(), HasSubstr("the store has failed"));
  daemon.reset();
  disk->power_up();
  daemon = std::make_unique<DaemonProcess>(flags);
  EXPECT_TRUE(submit(*daemon).ok());
  daemon.reset();
}

}  // namespace
}  // namespace futured
