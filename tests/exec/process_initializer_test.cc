// Initializers that are programs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "tests/exec/executor_log.h"
#include "tests/exec/process_under_test.h"
#include "tests/support/eventually.h"
#include "tests/support/processes.h"
#include "tests/support/temporary_directory.h"

namespace futured::testing {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using ::testing::HasSubstr;

ExecutorKind initialized_by(const std::vector<std::string>& program, const ChangeOptions& change = nullptr) {
  return process_kind([=](exec::ProcessExecutor::Options& options) {
    options.worker.initializer_program = program;
    if (change) change(options);
  });
}

// `argument` is $0.
ExecutorKind initialized_by_shell(const std::string& script, const std::string& argument = "sh",
                                  const ChangeOptions& change = nullptr) {
  return initialized_by({"/bin/sh", "-c", script, argument}, change);
}

void expect_broken(ExecutorBench& bench, const std::string& told) {
  const core::Error error = bench.error(bench.submit(kNothing));
  EXPECT_EQ(error.origin, core::Origin::kExecutor);
  EXPECT_EQ(error.type, "BrokenExecutor");
  EXPECT_THAT(error.message, HasSubstr(told));
}

std::string content(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(ProcessInitializerTest, ProgramRunsOnceInEachWorkerBeforeItsTasks) {
  const TemporaryDirectory directory;
  const std::string file = directory.path() + "/begun";
  ExecutorBench bench(initialized_by_shell("echo begun >> \"$0\"", file), {.max_workers = 1});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(bench.value<std::string>(bench.submit(kEcho, "text")), "text");
    EXPECT_EQ(content(file), "begun\n");
  }
}

TEST(ProcessInitializerTest, ProgramThatFailsIsTheErrorOfTheFutures) {
  ExecutorBench bench(initialized_by_shell("exit 3"));
  for (int i = 0; i < 3; ++i) expect_broken(bench, "the initializer failed: /bin/sh exited with code 3");
}

TEST(ProcessInitializerTest, SignalThatKilledTheProgramIsNamed) {
  ExecutorBench bench(initialized_by_shell("kill -TERM $$"));
  expect_broken(bench, "the initializer failed: /bin/sh was killed by signal 15 (SIGTERM)");
}

TEST(ProcessInitializerTest, ProgramThatCannotBeStartedIsNamed) {
  ExecutorBench bench(initialized_by({"/nowhere/warm-up"}));
  expect_broken(bench, "the initializer failed: /nowhere/warm-up cannot be started: No such file or directory");
}

TEST(ProcessInitializerTest, OutputOfTheProgramIsInTheLog) {
  const auto log = std::make_shared<ExecutorLog>();
  ExecutorBench bench(
      initialized_by_shell("echo to output; echo to error >&2; cat", "sh",
                           [log](exec::ProcessExecutor::Options& options) { options.log = log->sink(); }));
  EXPECT_EQ(bench.value<std::string>(bench.submit(kEcho, "text")), "text");
  EXPECT_THAT(log->with("to error"), HasSubstr("to output\nto error\n"));
}

TEST(ProcessInitializerTest, ProgramThatNeverEndsIsKilledWithItsWorker) {
  Rendezvous rendezvous;
  ExecutorBench bench(
      initialized_by_shell("echo $$ > \"$0/arrivals\"; exec sleep 1000", rendezvous.path(),
                           [](exec::ProcessExecutor::Options& options) { options.worker.start_timeout = 300ms; }));
  expect_broken(bench, "did not get ready within its start_timeout");
  const auto pid = rendezvous.arrival();
  ASSERT_TRUE(pid);
  EXPECT_TRUE(eventually([&] { return exec::has_ended(std::stoi(*pid)); }));
}

TEST(ProcessInitializerTest, StrictShowsTheProgramEvenBelowTmp) {
  const exec::Sandbox strict{exec::SandboxProfile::kStrict, {}};
  if (const auto possible = exec::check_sandbox(strict, FUTURED_SANDBOX); !possible) {
    GTEST_SKIP() << possible.error().message;
  }
  const TemporaryDirectory directory("/tmp");
  const std::string program = directory.path() + "/warm-up";
  std::ofstream(program) << "#!/bin/sh\nexit 3\n";
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  ExecutorBench bench(initialized_by(
      {program}, [&](exec::ProcessExecutor::Options& options) { options.worker.launch.sandbox = strict; }));
  expect_broken(bench, "the initializer failed: " + program + " exited with code 3");
}

}  // namespace
}  // namespace futured::testing
