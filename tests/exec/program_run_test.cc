#include "server/exec/process/program_run.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "futured/codec.h"
#include "server/exec/process/spawn_launcher.h"
#include "tests/support/eventually.h"
#include "tests/support/gate.h"
#include "tests/support/temporary_directory.h"

namespace futured::exec {
namespace {

using core::Origin;
using futured::testing::eventually;
using futured::testing::kPatience;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using Reason = core::StopRequest::Reason;

class RefusingLauncher : public Launcher {
 public:
  core::Result<Child> launch(const Launch& /*launch*/) override {
    return core::failure(core::Reason::kLaunchFailed, "no more processes");
  }
  std::optional<ExitStatus> reap(const Child& /*child*/) override { return std::nullopt; }
  pid_t program_of(const Child& child) override { return child.pid; }
  bool is_stopped(const Child& /*child*/) override { return false; }
  void signal_group(const Child& /*child*/, int /*signal*/) override {}
};

// Whether a process is gone, or goes within patience.
bool goes(pid_t pid) {
  const UniqueFd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!process) return true;
  pollfd waited{process.get(), POLLIN, 0};
  return ::poll(&waited, 1, std::chrono::milliseconds(kPatience).count()) == 1;
}

class ProgramRunTest : public ::testing::Test {
 protected:
  void SetUp() override { signal(SIGPIPE, SIG_IGN); }

  // A program of the shell's language; its first parameter, if it has input, is its input.
  static ProgramOptions shell(const std::string& script) {
    ProgramOptions options{.function = "f", .command = {"/bin/sh", "-c", script}};
    options.environment = {"PATH=/usr/bin:/bin"};
    return options;
  }

  ProgramRun& start(ProgramOptions options, const std::string& arguments = "", ProgramRun::Task task = {}) {
    auto program = Program::compile(std::move(options), [](const char*) -> const char* { return nullptr; });
    if (!program) throw std::runtime_error(program.error().message);
    settings_.program = std::make_shared<const Program>(*std::move(program));
    outcome_.reset();
    task.arguments = core::Bytes(arguments);
    task.worker = "w-1";
    run_ = std::make_shared<ProgramRun>(io_, *launcher_, settings_, std::move(task),
                                        [this](core::Outcome outcome) { outcome_ = std::move(outcome); });
    run_->start();
    EXPECT_FALSE(outcome_.has_value());
    return *run_;
  }
  core::Outcome outcome() {
    io_.restart();
    io_.run_for(kPatience);
    EXPECT_TRUE(outcome_.has_value());
    EXPECT_EQ(run_->pid(), -1);
    return outcome_.value_or(core::Outcome{});
  }
  core::Outcome outcome_of(ProgramOptions options, const std::string& arguments = "") {
    start(std::move(options), arguments);
    return outcome();
  }
  core::Error error() {
    const core::Outcome ended = outcome();
    EXPECT_EQ(ended.state, core::State::kFailed);
    return ended.error == nullptr ? core::Error{} : *ended.error;
  }
  core::Error error_of(ProgramOptions options, const std::string& arguments = "") {
    start(std::move(options), arguments);
    return error();
  }
  std::string bytes_of(ProgramOptions options, const std::string& arguments = "") {
    const core::Outcome ended = outcome_of(std::move(options), arguments);
    EXPECT_EQ(ended.state, core::State::kSucceeded) << (ended.error == nullptr ? "" : ended.error->message);
    return ended.state == core::State::kSucceeded ? decode_value<Bytes>(ended.value.view()).data : "";
  }

  // A script that gets ready says so here.
  std::string ready_path() {
    std::string path = directory_ / "ready";
    EXPECT_EQ(mkfifo(path.c_str(), 0600), 0);
    ready_.reset(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    return path;
  }
  bool is_ready() const {
    pollfd waited{ready_.get(), POLLIN, 0};
    return ::poll(&waited, 1, std::chrono::milliseconds(kPatience).count()) == 1;
  }

  futured::testing::TemporaryDirectory temporary_;
  std::filesystem::path directory_ = temporary_.path();
  UniqueFd ready_;
  boost::asio::io_context io_;
  SpawnLauncher spawn_launcher_{FUTURED_SANDBOX};
  RefusingLauncher refusing_launcher_;
  Launcher* launcher_ = &spawn_launcher_;
  ProgramRun::Settings settings_;
  std::shared_ptr<ProgramRun> run_;
  std::optional<core::Outcome> outcome_;
};

TEST_F(ProgramRunTest, LinesOfStandardErrorAreHandedOn) {
  std::vector<std::string> lines;
  ProgramRun::Task task;
  task.errors.line = [&](std::string_view line) { lines.emplace_back(line); };
  task.errors.dropped = [&](std::size_t dropped) { lines.push_back(std::to_string(dropped) + " dropped"); };
  start(shell("echo one >&2; printf 'two\\n\\nno end' >&2; echo result"), "", task);
  EXPECT_EQ(outcome().state, core::State::kSucceeded);
  EXPECT_THAT(lines, ::testing::ElementsAre("one", "two", "", "no end"));
}

TEST_F(ProgramRunTest, OfAFloodEveryLineIsHandedOnOrCounted) {
  std::size_t handed_on = 0;
  std::size_t dropped = 0;
  ProgramRun::Task task;
  task.errors.line = [&](std::string_view) { ++handed_on; };
  task.errors.dropped = [&](std::size_t lines) { dropped += lines; };
  start(shell("yes 'a line' | head -n 20000 >&2"), "", task);
  EXPECT_EQ(outcome().state, core::State::kSucceeded);
  EXPECT_EQ(handed_on + dropped, 20'000U);
  EXPECT_GE(handed_on, 1000U);
}

TEST_F(ProgramRunTest, WhatItWritesIsTheValue) {
  EXPECT_EQ(bytes_of(shell("printf 'a\\000b'")), std::string("a\0b", 3));
  EXPECT_EQ(bytes_of(shell("echo noise >&2")), "");
}

TEST_F(ProgramRunTest, ArgumentsAndInputReachIt) {
  ProgramOptions options = shell("printf %s \"$1\"; cat");
  options.command.insert(options.command.end(), {"sh", "{first}"});
  options.standard_input = "{second}";
  EXPECT_EQ(bytes_of(options, encode_arguments(std::string("$(date) 'x"), Bytes{"\xff"})), "$(date) 'x\xff");
}

TEST_F(ProgramRunTest, InputAndOutputLargerThanAPipeFlowAtTheSameTime) {
  ProgramOptions options = shell("cat");
  options.standard_input = "{x}";
  const std::string large(1'000'000, 'x');
  EXPECT_EQ(bytes_of(options, encode_arguments(Bytes{large})), large);
}

TEST_F(ProgramRunTest, InputNeedNotBeRead) {
  ProgramOptions options = shell("exec 0<&-; echo done");
  options.standard_input = "{x}";
  EXPECT_EQ(bytes_of(options, encode_arguments(Bytes{std::string(1'000'000, 'x')})), "done\n");
}

TEST_F(ProgramRunTest, WithoutInputItReadsNothing) { EXPECT_EQ(bytes_of(shell("cat; echo end")), "end\n"); }

TEST_F(ProgramRunTest, EnvironmentAndDirectoryAreThoseOfTheOptions) {
  ProgramOptions options = shell("pwd; /usr/bin/env | grep -v '^PWD=\\|^_=\\|^SHLVL=\\|^OLDPWD='");
  options.environment = {"ONLY=this"};
  options.directory = directory_;
  EXPECT_EQ(bytes_of(options), std::filesystem::canonical(directory_).string() + "\nONLY=this\n");
}

TEST_F(ProgramRunTest, TraceIsInTheEnvironment) {
  const std::string parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const ProgramRun::Task traced{.trace = core::parse_trace(parent, "vendor=1")};
  start(shell("echo $TRACEPARENT $TRACESTATE"), "", traced);
  EXPECT_EQ(decode_value<Bytes>(outcome().value.view()).data, parent + " vendor=1\n");
}

TEST_F(ProgramRunTest, TraceOfTheConfigurationStays) {
  ProgramOptions options = shell("echo $TRACEPARENT; /usr/bin/env | grep -c TRACEPARENT=");
  options.environment = {"PATH=/usr/bin:/bin", "TRACEPARENT=mine"};
  const ProgramRun::Task traced{.trace =
                                    core::parse_trace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "")};
  start(std::move(options), "", traced);
  EXPECT_EQ(decode_value<Bytes>(outcome().value.view()).data, "mine\n1\n");
}

TEST_F(ProgramRunTest, OtherExitCodesAreErrorsWithTheLastLines) {
  const core::Error failed = error_of(shell("echo out; echo first >&2; printf 'last\\377\\n\\n' >&2; exit 3"));
  EXPECT_EQ(failed.origin, Origin::kTask);
  EXPECT_EQ(failed.type, "ProgramFailed");
  EXPECT_EQ(failed.message, "f exited with code 3:\nfirst\nlast?");
  EXPECT_EQ(failed.worker, "w-1");
  EXPECT_EQ(failed.attempt, 1U);
}

TEST_F(ProgramRunTest, OfManyLinesTheLastWholeOnesAreKept) {
  const std::string message =
      error_of(shell("i=10000; while [ $i -lt 13000 ]; do echo $i; i=$((i+1)); done >&2; exit 1")).message;
  EXPECT_LE(message.size(), 4200U);
  EXPECT_THAT(message, EndsWith("12998\n12999"));
  const std::size_t first = message.find('\n') + 1;
  EXPECT_EQ(message.find('\n', first) - first, 5U);
}

TEST_F(ProgramRunTest, SignalLosesTheWorkerAndIsNamed) {
  const core::Error failed = error_of(shell("echo woe >&2; kill -SEGV $$"));
  EXPECT_EQ(failed.origin, Origin::kWorker);
  EXPECT_EQ(failed.type, "WorkerLost");
  EXPECT_THAT(failed.message, ::testing::AllOf(HasSubstr("was killed by signal 11"), EndsWith(":\nwoe")));
}

TEST_F(ProgramRunTest, MemoryIsToldWhenItMayHaveRunOut) {
  // More than this process uses, which is all that the kernel can tell.
  const std::string eat = "x=$(head -c 100000000 /dev/zero | tr '\\0' x); ";
  EXPECT_THAT(error_of(shell(eat + "kill -KILL $$")).message, HasSubstr("MiB of memory"));
  EXPECT_THAT(error_of(shell(eat + "kill -ABRT $$")).message, ::testing::Not(HasSubstr("memory")));
  settings_.sandbox.limits.max_memory = 350 << 20;
  EXPECT_THAT(error_of(shell(eat + "kill -ABRT $$")).message, HasSubstr("MiB of memory, its limit is 350 MiB"));
}

TEST_F(ProgramRunTest, WhoWritesTooMuchIsKilled) {
  ProgramOptions options = shell("yes");
  options.max_output = 100'000;
  const core::Error failed = error_of(options);
  EXPECT_EQ(failed.origin, Origin::kLimit);
  EXPECT_EQ(failed.message, "f wrote more than 100000 bytes to its standard output");
  options.command.back() = "head -c 100000 /dev/zero";
  EXPECT_EQ(bytes_of(options).size(), 100'000U);
}

TEST_F(ProgramRunTest, ValueLargerThanAllowedIsALimit) {
  settings_.max_value_size = 10;
  EXPECT_EQ(error_of(shell("echo 0123456789")).origin, Origin::kLimit);
}

TEST_F(ProgramRunTest, OutputThatIsNotWhatItShouldBeIsAnErrorOfTheProgram) {
  ProgramOptions options = shell("echo '['");
  options.output = ProgramOutput::kJson;
  const core::Error failed = error_of(options);
  EXPECT_EQ(failed.origin, Origin::kTask);
  EXPECT_EQ(failed.type, "futured::ResultError");
  EXPECT_EQ(failed.message, "f: standard output: 2 bytes are no JSON");
}

TEST_F(ProgramRunTest, WrongArgumentsStartNothing) {
  launcher_ = &refusing_launcher_;
  const core::Error failed = error_of(shell("true"), encode_arguments(5));
  EXPECT_EQ(failed.origin, Origin::kCall);
  EXPECT_EQ(failed.type, "futured::ArgumentError");
  EXPECT_EQ(failed.message, "f: expected 0 arguments (), got 1");
}

TEST_F(ProgramRunTest, WhatCannotBeStartedIsAnErrorOfTheExecutor) {
  launcher_ = &refusing_launcher_;
  const core::Error failed = error_of(shell("true"));
  EXPECT_EQ(failed.origin, Origin::kExecutor);
  EXPECT_EQ(failed.message, "f cannot be started: no more processes");
}

TEST_F(ProgramRunTest, WhatTheSandboxCannotExecuteIsAnErrorOfTheExecutor) {
  const std::string garbage = directory_ / "garbage";
  std::ofstream(garbage) << "no program";
  std::filesystem::permissions(garbage, std::filesystem::perms::owner_all);
  const core::Error failed = error_of({.function = "f", .command = {garbage}});
  EXPECT_EQ(failed.origin, Origin::kExecutor);
  EXPECT_EQ(failed.type, "LaunchError");
  EXPECT_THAT(failed.message, HasSubstr("cannot execute " + garbage));
}

TEST_F(ProgramRunTest, ChildrenLeftBehindGoWithIt) {
  const std::string pid = bytes_of(shell("sleep 1000 & echo $!"));
  EXPECT_TRUE(goes(std::stoi(pid)));
}

TEST_F(ProgramRunTest, WhoeverHoldsThePipesDoesNotHoldItUp) {
  const std::string file = directory_ / "pid";
  const pid_t daemon =
      std::stoi(bytes_of(shell("setsid sh -c 'echo $$ >" + file + ".new; mv " + file + ".new " + file +
                               "; exec sleep 1000' & while ! [ -e " + file + " ]; do :; done; cat " + file)));
  EXPECT_TRUE(goes(daemon));
}

TEST_F(ProgramRunTest, CancelledIsWhoStopsWhenAsked) {
  const std::string ready = ready_path();
  ProgramRun& run = start(shell("trap 'exit 0' TERM; echo >" + ready + "; while :; do sleep 1 & wait; done"));
  ASSERT_TRUE(is_ready());
  run.stop({Reason::kCancel});
  EXPECT_EQ(outcome().state, core::State::kCancelled);
}

TEST_F(ProgramRunTest, WhoIgnoresTheRequestIsKilledWhenForced) {
  const std::string ready = ready_path();
  ProgramRun& run = start(shell("trap '' TERM; echo >" + ready + "; while :; do sleep 1; done"));
  ASSERT_TRUE(is_ready());
  run.stop({Reason::kCancel});
  run.stop({Reason::kForce, std::chrono::hours(1)});
  run.stop({Reason::kForce, std::chrono::hours(2)});
  run.stop({Reason::kForce, core::Duration(0)});
  EXPECT_EQ(outcome().state, core::State::kCancelled);
  run.stop({Reason::kForce, core::Duration(0)});
}

TEST_F(ProgramRunTest, CancelReachesWhoIsStopped) {
  ProgramRun& run = start(shell("kill -STOP $$; sleep 1000"));
  EXPECT_TRUE(eventually([&] { return run.is_stopped(); }));
  run.stop({Reason::kCancel});
  EXPECT_EQ(outcome().state, core::State::kCancelled);
}

TEST_F(ProgramRunTest, OwnTimeoutEndsItByForce) {
  ProgramOptions options = shell("trap '' TERM; while :; do sleep 1; done");
  options.timeout = std::chrono::milliseconds(1);
  settings_.kill_grace = core::Duration(0);
  const core::Error failed = error_of(options);
  EXPECT_EQ(failed.origin, Origin::kTimeout);
  EXPECT_EQ(failed.message, "f ran longer than its timeout of 1 ms");
}

TEST_F(ProgramRunTest, TimeoutOfTheTaskOutranksItsOwn) {
  ProgramOptions options = shell("read line <\"$0\"; echo $line");
  options.timeout = std::chrono::nanoseconds(1);
  const std::string gate = ready_path();
  options.command.push_back(gate);
  start(options, "", {.has_timeout = true});
  // Whatever could end it has its turn before it can end by itself.
  io_.poll();
  const UniqueFd opened(::open(gate.c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(::write(opened.get(), "whole\n", 6), 6);
  const core::Outcome ended = outcome();
  ASSERT_EQ(ended.state, core::State::kSucceeded);
  EXPECT_EQ(decode_value<Bytes>(ended.value.view()).data, "whole\n");
}

TEST_F(ProgramRunTest, EndingItFromOutsideLosesTheWorker) {
  start(shell("exec sleep 1000")).end(false);
  EXPECT_EQ(error().type, "WorkerLost");
  start(shell("exec sleep 1000")).end(true);
  EXPECT_THAT(error().message, HasSubstr("signal 9"));
}

}  // namespace
}  // namespace futured::exec
