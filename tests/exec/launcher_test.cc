#include "server/exec/process/launcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "server/exec/process/descendants.h"
#include "tests/exec/child_run.h"
#include "tests/support/temporary_directory.h"

namespace futured::testing {
namespace {

using exec::SandboxProfile;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

// What holds for every profile.
class LauncherTest : public ::testing::TestWithParam<SandboxProfile> {
 protected:
  void SetUp() override {
    const auto possible = exec::check_sandbox({GetParam(), {}}, FUTURED_SANDBOX);
    if (!possible) GTEST_SKIP() << possible.error().message;
  }
  void TearDown() override { EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child is left"; }
  exec::Launch launch(std::vector<std::string> argv) const {
    exec::Launch launch;
    launch.argv = std::move(argv);
    launch.sandbox.profile = GetParam();
    return launch;
  }

  exec::SpawnLauncher launcher_{FUTURED_SANDBOX};
};

INSTANTIATE_TEST_SUITE_P(Profiles, LauncherTest,
                         ::testing::Values(SandboxProfile::kNone, SandboxProfile::kBasic, SandboxProfile::kStrict),
                         [](const auto& test) { return std::string(exec::to_string(test.param)); });

TEST_P(LauncherTest, ChildHasTheGivenDescriptorsAndNoOther) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, 0), 0);  // NOLINT(android-cloexec-pipe2): that it is not close-on-exec is the point.
  exec::Launch wanted = launch({FUTURED_SANDBOX_PROBE, "descriptors"});
  wanted.descriptors = {-1, ends[1], ends[1], -1, ends[1]};
  ChildRun run(launcher_, wanted);
  EXPECT_EQ(run.end().code, 0);
  ::close(ends[1]);
  char text[64] = {};
  EXPECT_GT(::read(ends[0], text, sizeof text - 1), 0);
  ::close(ends[0]);
  EXPECT_STREQ(text, "0 1 2 3 4 ");
}

TEST_P(LauncherTest, SourcesAndTargetsOfDescriptorsMayOverlap) {
  int first[2];
  int second[2];
  ASSERT_EQ(::pipe2(first, O_CLOEXEC), 0);
  ASSERT_EQ(::pipe2(second, O_CLOEXEC), 0);
  ASSERT_LT(first[1], 16);
  ASSERT_LT(second[1], 16);
  exec::Launch wanted =
      launch(shell("echo one >&" + std::to_string(first[1]) + "; echo two >&" + std::to_string(second[1])));
  // Each takes the other's number.
  wanted.descriptors.assign(17, -1);
  wanted.descriptors[static_cast<std::size_t>(first[1])] = second[1];
  wanted.descriptors[static_cast<std::size_t>(second[1])] = first[1];
  {
    ChildRun run(launcher_, wanted);
    EXPECT_EQ(run.end().code, 0);
  }
  char text[8] = {};
  EXPECT_EQ(::read(second[0], text, sizeof text), 4);
  EXPECT_STREQ(text, "one\n");
  EXPECT_EQ(::read(first[0], text, sizeof text), 4);
  EXPECT_STREQ(text, "two\n");
  for (const int end : {first[0], first[1], second[0], second[1]}) ::close(end);
}

TEST_P(LauncherTest, ChildHasDefaultSignalsWhateverTheDaemonHas) {
  sigset_t blocked;
  sigset_t old;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &blocked, &old);
  const auto old_action = ::signal(SIGPIPE, SIG_IGN);
  ChildRun run(launcher_, launch({"/bin/grep", "-E", "SigBlk|SigIgn", "/proc/self/status"}));
  ::signal(SIGPIPE, old_action);
  ::sigprocmask(SIG_SETMASK, &old, nullptr);
  // Bit 31 and 32 are the C library's own signals, which nobody sends.
  EXPECT_THAT(run.read_all(), MatchesRegex("SigBlk:\t0{16}\nSigIgn:\t0000000[01]80000000\n|"
                                           "SigBlk:\t0{16}\nSigIgn:\t0{16}\n"));
}

TEST_P(LauncherTest, ChildHasTheEnvironmentThatWasGivenAndNoMore) {
  exec::Launch wanted = launch({"/usr/bin/env"});
  wanted.environment = {"ONE=1", "TWO=two words"};
  ChildRun run(launcher_, wanted);
  EXPECT_EQ(run.read_all(), "ONE=1\nTWO=two words\n");
}

TEST_P(LauncherTest, ArgumentsStayWhatTheyAre) {
  ChildRun run(launcher_, launch({"/bin/sh", "-c", "printf '<%s>' \"$@\"", "sh", "", "--", "a b", "$HOME;"}));
  EXPECT_EQ(run.read_all(), "<><--><a b><$HOME;>");
}

TEST_P(LauncherTest, ChildWorksInItsDirectory) {
  const TemporaryDirectory directory;
  exec::Launch wanted = launch(shell("pwd; echo text > file && cat file"));
  wanted.directory = directory.path();
  ChildRun run(launcher_, wanted);
  EXPECT_EQ(run.read_all(), directory.path() + "\ntext\n");
  EXPECT_TRUE(std::filesystem::exists(directory.path() + "/file"));
}

TEST_P(LauncherTest, ChildLeadsAProcessGroup) {
  ChildRun run(launcher_, launch(shell("echo ready; read line < /dev/zero")));
  EXPECT_EQ(run.read_line(), "ready");
  EXPECT_EQ(::getpgid(run.child().pid), run.child().pid);
}

TEST_P(LauncherTest, ExitCodesAndSignalsAreTold) {
  EXPECT_EQ(ChildRun(launcher_, launch(shell("exit 0"))).end().to_string(), "exited with code 0");
  EXPECT_EQ(ChildRun(launcher_, launch(shell("exit 3"))).end().to_string(), "exited with code 3");
  EXPECT_EQ(ChildRun(launcher_, launch(shell("exit 255"))).end().code, 255);
  EXPECT_EQ(ChildRun(launcher_, launch(shell("kill -SEGV $$"))).end().to_string(), "was killed by signal 11 (SIGSEGV)");
  EXPECT_EQ(ChildRun(launcher_, launch(shell("kill -KILL $$"))).end().signal, SIGKILL);
}

TEST_P(LauncherTest, PeakMemoryIsTold) {
  constexpr std::uint64_t kMebibytes = 200;
  ChildRun large(launcher_, launch({FUTURED_SANDBOX_PROBE, "memory", std::to_string(kMebibytes)}));
  const exec::ExitStatus status = large.end();
  EXPECT_EQ(status.code, 0);
  EXPECT_GE(status.peak_memory, kMebibytes << 20);
  ChildRun small(launcher_, launch({"/bin/true"}));
  EXPECT_LT(small.end().peak_memory, kMebibytes << 20);
}

TEST_P(LauncherTest, SignalsReachTheChildAndItsChildrenOnce) {
  ChildRun run(launcher_, launch(shell("trap 'echo outer' TERM; trap 'exit 4' USR1;"
                                       "sh -c \"trap 'echo inner; exit' TERM; echo ready; while :; do sleep 0.01; "
                                       "done\" 2>/dev/null & while :; do wait; done")));
  EXPECT_EQ(run.read_line(), "ready");
  run.signal(SIGTERM);
  std::vector<std::string> lines = {run.read_line(), run.read_line()};
  EXPECT_THAT(lines, ::testing::UnorderedElementsAre("outer", "inner"));
  run.signal(SIGUSR1);
  EXPECT_EQ(run.read_all(), "");
  EXPECT_EQ(run.end().code, 4);
}

TEST_P(LauncherTest, KillingTheGroupEndsChildrenOfTheChild) {
  ChildRun run(launcher_, launch(shell("trap '' TERM INT HUP; sleep 1000 & sleep 1000 & echo ready; wait")));
  EXPECT_EQ(run.read_line(), "ready");
  run.signal(SIGKILL);
  // All hold the pipe.
  EXPECT_EQ(run.read_all(), "");
  EXPECT_EQ(run.end().signal, SIGKILL);
}

TEST_P(LauncherTest, NoThreadOfTheProgramIsLeftWhenTheChildHasEnded) {
  ChildRun run(launcher_, launch({FUTURED_SANDBOX_PROBE, "threads", "200"}));
  EXPECT_EQ(run.read_line(), "ready");
  const pid_t program = launcher_.program_of(run.child());
  EXPECT_NE(program, run.child().pid);
  run.signal(SIGKILL);
  run.end();
  EXPECT_EQ(exec::process_state(program), '\0');
}

TEST_P(LauncherTest, StoppedChildShowsUntilItGoesOn) {
  ChildRun run(launcher_, launch(shell("echo ready; exec sleep 1000")));
  EXPECT_EQ(run.read_line(), "ready");
  EXPECT_FALSE(run.stopped());
  siginfo_t news{};
  const auto pidfd = static_cast<id_t>(run.child().pidfd.get());
  for (int round = 0; round < 2; ++round) {
    run.signal(SIGSTOP);
    ASSERT_EQ(::waitid(P_PIDFD, pidfd, &news, WSTOPPED | WEXITED | WNOWAIT), 0);
    EXPECT_TRUE(run.stopped());
    EXPECT_TRUE(run.stopped());
    run.signal(SIGCONT);
    ASSERT_EQ(::waitid(P_PIDFD, pidfd, &news, WCONTINUED | WEXITED | WNOWAIT), 0);
    EXPECT_FALSE(run.stopped());
  }
}

TEST_P(LauncherTest, ProgramAndFilesBelowTmpAreSeen) {
  const TemporaryDirectory directory("/tmp");
  const std::string program = directory.path() + "/cat";
  const std::string file = directory.path() + "/file";
  const std::string other = directory.path() + "/other";
  std::filesystem::copy_file("/bin/cat", program);
  std::ofstream(file) << "text";
  std::ofstream(other) << "text";
  exec::Launch wanted = launch({program, file});
  wanted.files = {file};
  ChildRun run(launcher_, wanted);
  EXPECT_EQ(run.read_all(), "text");
  EXPECT_EQ(run.end().code, 0);
  if (GetParam() != SandboxProfile::kStrict) return;
  ChildRun hidden(launcher_, launch({program, other}));
  EXPECT_EQ(hidden.end().code, 1);
}

TEST_P(LauncherTest, OrphansEndWithTheChild) {
  ChildRun run(launcher_, launch(shell("setsid sleep 1000 & (setsid sh -c 'sleep 1000 & sleep 1000' &); echo ready")));
  EXPECT_EQ(run.read_line(), "ready");
  EXPECT_EQ(run.end().code, 0);
  EXPECT_EQ(run.read_all(), "");
}

TEST_P(LauncherTest, ChildEndsWithTheDaemon) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const pid_t daemon = ::fork();
  if (daemon == 0) {
    exec::SpawnLauncher launcher(FUTURED_SANDBOX);
    exec::Launch wanted = launch(shell("trap '' TERM HUP INT; echo ready; read line < /dev/zero"));
    wanted.descriptors = {-1, ends[1], ends[1]};
    const auto child = launcher.launch(wanted);
    if (!child) ::_exit(1);
    for (;;) ::pause();
  }
  ::close(ends[1]);
  char text[16] = {};
  EXPECT_TRUE(becomes_readable(ends[0]));
  EXPECT_EQ(::read(ends[0], text, sizeof text), 6);
  ::kill(daemon, SIGKILL);
  ::waitpid(daemon, nullptr, 0);
  EXPECT_TRUE(becomes_readable(ends[0]));
  EXPECT_EQ(::read(ends[0], text, sizeof text), 0) << "a child lives and writes: " << text;
  ::close(ends[0]);
}

TEST_P(LauncherTest, MissingProgramsAreRefusedByName) {
  const auto missing = launcher_.launch(launch({"/no/such/program"}));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().reason, core::Reason::kSettingInvalid);
  EXPECT_EQ(missing.error().message, "program /no/such/program: No such file or directory");
  EXPECT_THAT(launcher_.launch(launch({"/etc/passwd"})).error().message, HasSubstr("Permission denied"));
  EXPECT_THAT(launcher_.launch(launch({"/usr"})).error().message, HasSubstr("directory"));
  EXPECT_THAT(launcher_.launch(launch({"true"})).error().message, HasSubstr("not an absolute path"));
}

TEST_P(LauncherTest, MissingDirectoriesAreRefusedByName) {
  exec::Launch wanted = launch({"/bin/true"});
  wanted.directory = "/no/such/directory";
  const auto missing = launcher_.launch(wanted);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().reason, core::Reason::kSettingInvalid);
  EXPECT_EQ(missing.error().message, "directory /no/such/directory: No such file or directory");
}

TEST_P(LauncherTest, ProgramThatCannotBeExecutedSaysSo) {
  const TemporaryDirectory directory;
  const std::string program = directory.path() + "/program";
  std::ofstream(program) << '\0';
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  exec::Launch wanted = launch({program});
  wanted.directory = directory.path();
  ChildRun run(launcher_, wanted);
  EXPECT_EQ(run.read_all(), "futured-sandbox: cannot execute " + program + ": Exec format error\n");
  EXPECT_EQ(run.end().code, exec::kNotExecutable);
}

TEST(SpawnLauncherTest, MissingHelperIsNamed) {
  exec::SpawnLauncher launcher("/no/such/helper");
  exec::Launch wanted;
  wanted.argv = {"/bin/true"};
  const auto child = launcher.launch(wanted);
  ASSERT_FALSE(child);
  EXPECT_EQ(child.error().reason, core::Reason::kLaunchFailed);
  EXPECT_EQ(child.error().message, "cannot start /no/such/helper: No such file or directory");
}

}  // namespace
}  // namespace futured::testing
