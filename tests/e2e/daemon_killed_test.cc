// What is left of processes when the real daemon is killed: nothing.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "futured/codec.h"
#include "futured/v1/future_service.grpc.pb.h"
#include "server/exec/process/sandbox.h"
#include "tests/exec/fault_functions.h"
#include "tests/support/daemon_process.h"
#include "tests/support/processes.h"
#include "tests/support/temporary_directory.h"

namespace futured::testing {
namespace {

using exec::SandboxProfile;
using Clock = std::chrono::steady_clock;

constexpr char kConfiguration[] = R"(
[executors.p]
kind = "process"
max_workers = 2
LIMIT
sandbox = "PROFILE"
[functions.program]
executor = "p"
command = ["/bin/sh", "-c", "trap '' TERM HUP INT QUIT; (setsid sleep 1001 &); setsid sleep 1002 & sleep 1003 & wait"]
)";

class DaemonKilledTest : public ::testing::TestWithParam<SandboxProfile> {
 protected:
  void SetUp() override {
    const auto possible = exec::check_sandbox({GetParam(), {}}, FUTURED_SANDBOX);
    if (!possible) GTEST_SKIP() << possible.error().message;
    std::string text = kConfiguration;
    text.replace(text.find("PROFILE"), 7, exec::to_string(GetParam()));
    const bool has_limits = GetParam() != SandboxProfile::kNone;
    text.replace(text.find("LIMIT"), 5, has_limits ? "max_processes = 200" : "");
    std::ofstream(configuration_) << text;
    const std::string plugin = directory_.path() + "/libplugin.so";
    std::filesystem::copy_file(FUTURED_CONFORMANCE_PLUGIN, plugin);
    daemon_ =
        std::make_unique<DaemonProcess>(std::vector<std::string>{"--config=" + configuration_, "--plugins=" + plugin});
    const std::string address = daemon_->address();
    ASSERT_NE(address, "");
    stub_ = v1::FutureService::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
    context_.set_deadline(std::chrono::system_clock::now() + kPatience);
    stream_ = stub_->Session(&context_);
    v1::SessionRequest request;
    request.mutable_hello()->set_session("01234567-89ab-8cde-8f01-000000000000");
    stream_->Write(request);
  }
  void TearDown() override {
    for (const pid_t pid : family_) {
      if (!exec::has_ended(pid)) ::kill(pid, SIGKILL);
    }
    if (stream_ == nullptr) return;
    context_.TryCancel();
    stream_->Finish();
  }

  void submit(const std::string& function, const std::string& arguments) {
    v1::SessionRequest request;
    auto& run = *request.add_submits();
    run.set_first(++submitted_);
    run.set_function(function);
    run.add_arguments(arguments);
    stream_->Write(request);
  }
  // Whether the daemon's family becomes complete: then nobody comes or goes.
  bool has_family(const std::string& name, std::ptrdiff_t count) {
    family_ = family_of(daemon_->pid(), name, count);
    return !family_.empty();
  }
  pid_t member(const std::string& name) const {
    const auto found = std::ranges::find(family_, name, name_of);
    return found == family_.end() ? -1 : *found;
  }
  void kill_daemon() {
    const auto killed = Clock::now();
    daemon_->send(SIGKILL);
    EXPECT_TRUE(eventually([this] { return std::ranges::all_of(family_, exec::has_ended); }));
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - killed);
    RecordProperty("milliseconds", std::to_string(took.count()));
    std::cout << family_.size() << " processes gone after " << took.count() << " ms" << std::endl;
  }

  // Not in /tmp, of which strict shows another.
  const TemporaryDirectory directory_{"/var/tmp"};
  const std::string configuration_ = directory_.path() + "/futured.toml";
  std::unique_ptr<DaemonProcess> daemon_;
  grpc::ClientContext context_;
  std::unique_ptr<v1::FutureService::Stub> stub_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::SessionRequest, v1::SessionResponse>> stream_;
  std::uint64_t submitted_ = 0;
  std::vector<pid_t> family_;
};

INSTANTIATE_TEST_SUITE_P(Profiles, DaemonKilledTest,
                         ::testing::Values(SandboxProfile::kNone, SandboxProfile::kBasic, SandboxProfile::kStrict),
                         [](const auto& test) { return std::string(exec::to_string(test.param)); });

TEST_P(DaemonKilledTest, WorkersAndTheDaemonsTheyStartedAreGone) {
  submit(std::string(kDaemonize.name()), encode_arguments(std::string("fault-family")));
  submit(std::string(kDaemonize.name()), encode_arguments(std::string("fault-family")));
  ASSERT_TRUE(has_family("fault-family", 4));
  kill_daemon();
}

TEST_P(DaemonKilledTest, ProgramsAndWhatTheyLeftBehindAreGone) {
  submit("program", "");
  ASSERT_TRUE(has_family("sleep", 3));
  kill_daemon();
}

TEST_P(DaemonKilledTest, ForkBombIsGone) {
  // Without a limit there is no bomb; in the namespaces of strict nobody is there whom it could become.
  if (GetParam() != SandboxProfile::kBasic) GTEST_SKIP();
  submit(std::string(kForkBomb.name()), encode_arguments(std::string("fault-bomb")));
  ASSERT_TRUE(has_family("fault-bomb", 32));
  kill_daemon();
  EXPECT_TRUE(eventually([] { return count_of("fault-bomb") == 0; }));
}

TEST_P(DaemonKilledTest, WorkersThatAreStoppedAreGoneToo) {
  submit(std::string(kDaemonize.name()), encode_arguments(std::string("fault-family")));
  ASSERT_TRUE(has_family("fault-family", 2));
  for (const pid_t pid : family_) ::kill(pid, SIGSTOP);
  kill_daemon();
}

TEST_P(DaemonKilledTest, WhatAWorkerThatIsKilledAtTheSameTimeLeavesIsGone) {
  submit(std::string(kDaemonize.name()), encode_arguments(std::string("fault-family")));
  ASSERT_TRUE(has_family("fault-family", 2));
  const pid_t worker = member("fault-family");
  ASSERT_GT(worker, 0);
  ::kill(worker, SIGKILL);
  kill_daemon();
}

}  // namespace
}  // namespace futured::testing
