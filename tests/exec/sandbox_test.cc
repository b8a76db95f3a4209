#include "server/exec/process/sandbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/exec/child_run.h"
#include "tests/support/sanitizers.h"
#include "tests/support/temporary_directory.h"

namespace futured::testing {
namespace {

using exec::Sandbox;
using exec::SandboxProfile;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(SandboxTest, ProfilesAreParsedByName) {
  for (const auto profile : {SandboxProfile::kNone, SandboxProfile::kBasic, SandboxProfile::kStrict}) {
    EXPECT_EQ(exec::parse_sandbox_profile(exec::to_string(profile)), profile);
  }
  const auto unknown = exec::parse_sandbox_profile("Strict");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().reason, core::Reason::kSettingInvalid);
  EXPECT_EQ(unknown.error().message, "no sandbox profile \"Strict\"; there are none, basic and strict");
}

TEST(SandboxTest, DescriptionNamesLayersAndLimits) {
  EXPECT_EQ(exec::describe({SandboxProfile::kNone, {}}), "none: process group, closed descriptors, guard");
  EXPECT_EQ(exec::describe({SandboxProfile::kBasic, {.max_memory = 4096, .max_cpu_seconds = 2}}),
            "basic: process group, closed descriptors, guard, no new privileges, no core files, "
            "memory <= 4096 bytes, cpu <= 2 s");
  EXPECT_THAT(exec::describe({SandboxProfile::kStrict, {}}), HasSubstr("seccomp, Landlock"));
}

TEST(SandboxTest, CheckPassesWhereTheLayersAreThere) {
  EXPECT_TRUE(exec::check_sandbox({SandboxProfile::kNone, {}}, FUTURED_SANDBOX));
  const auto basic = exec::check_sandbox({SandboxProfile::kBasic, {.max_open_files = 64}}, FUTURED_SANDBOX);
  EXPECT_TRUE(basic) << basic.error().message;
}

TEST(SandboxTest, CheckRefusesLimitsWithoutSandbox) {
  const auto checked = exec::check_sandbox({SandboxProfile::kNone, {.max_memory = 1}}, FUTURED_SANDBOX);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().reason, core::Reason::kSettingInvalid);
  EXPECT_THAT(checked.error().message, HasSubstr("memory"));
}

TEST(SandboxTest, CheckSaysWhichLayerIsMissing) {
  const TemporaryDirectory directory;
  const std::string helper = directory.path() + "/helper";
  std::ofstream(helper) << "#!/bin/sh\necho 'futured-sandbox: Landlock: the kernel does not have it' >&2\nexit 126\n";
  std::filesystem::permissions(helper, std::filesystem::perms::owner_all);
  const auto checked = exec::check_sandbox({SandboxProfile::kStrict, {}}, helper);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().reason, core::Reason::kSandboxUnavailable);
  EXPECT_EQ(checked.error().message, "sandbox profile strict: futured-sandbox: Landlock: the kernel does not have it");
}

TEST(SandboxTest, CheckFailsWithoutHelper) {
  EXPECT_THAT(exec::check_sandbox({}, "/no/such/helper").error().message, HasSubstr("/no/such/helper"));
}

TEST(SandboxTest, CheckFailsWhenALimitLeavesNoRoom) {
  const auto checked = exec::check_sandbox({SandboxProfile::kBasic, {.max_memory = 4096}}, FUTURED_SANDBOX);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().reason, core::Reason::kSandboxUnavailable);
}

class ConfinedTest : public ::testing::Test {
 protected:
  struct End {
    std::string output;
    exec::ExitStatus status;
  };
  End run(const Sandbox& sandbox, std::vector<std::string> argv, std::string directory = "") {
    exec::Launch launch;
    launch.argv = std::move(argv);
    launch.directory = std::move(directory);
    launch.sandbox = sandbox;
    ChildRun child(launcher_, launch);
    End end;
    end.output = child.read_all();
    end.status = child.end();
    return end;
  }

  exec::SpawnLauncher launcher_{FUTURED_SANDBOX};
};

// --- basic.

class BasicSandboxTest : public ConfinedTest {
 protected:
  End run_limited(const exec::ResourceLimits& limits, std::vector<std::string> argv, std::string directory = "") {
    return run({SandboxProfile::kBasic, limits}, std::move(argv), std::move(directory));
  }
};

TEST_F(BasicSandboxTest, NoNewPrivileges) {
  EXPECT_THAT(run_limited({}, {"/bin/cat", "/proc/self/status"}).output, HasSubstr("NoNewPrivs:\t1\n"));
}

TEST_F(BasicSandboxTest, NoCoreFilesPrivateFilesFirstToGo) {
  EXPECT_EQ(run_limited({}, shell("ulimit -c; umask; cat /proc/self/oom_score_adj")).output, "0\n0077\n500\n");
}

TEST_F(BasicSandboxTest, MemoryIsLimited) {
  if (kSanitizerTakesMemory) GTEST_SKIP() << "its shadow does not fit into a limit on memory";
  constexpr std::uint64_t kLimit = std::uint64_t{200} << 20;
  EXPECT_EQ(run_limited({.max_memory = kLimit}, {FUTURED_SANDBOX_PROBE, "memory", "100"}).status.code, 0);
  EXPECT_EQ(run_limited({.max_memory = kLimit}, {FUTURED_SANDBOX_PROBE, "memory", "300"}).status.code, 9);
}

TEST_F(BasicSandboxTest, ProcessorTimeIsLimited) {
  EXPECT_EQ(run_limited({.max_cpu_seconds = 1}, shell("while :; do :; done")).status.signal, SIGXCPU);
}

TEST_F(BasicSandboxTest, ProcessorTimeIsLimitedForThoseWhoIgnoreIt) {
  EXPECT_EQ(run_limited({.max_cpu_seconds = 1}, shell("trap '' XCPU; while :; do :; done")).status.signal, SIGKILL);
}

TEST_F(BasicSandboxTest, FileSizeIsLimited) {
  const TemporaryDirectory directory;
  const End end = run_limited({.max_file_size = 1000}, shell("exec head -c 5000 /dev/zero > file"), directory.path());
  EXPECT_EQ(end.status.signal, SIGXFSZ);
  EXPECT_LE(std::filesystem::file_size(directory.path() + "/file"), 1000U);
}

TEST_F(BasicSandboxTest, OpenFilesAreLimited) {
  EXPECT_EQ(run_limited({.max_open_files = 17}, shell("ulimit -n")).output, "17\n");
}

TEST_F(BasicSandboxTest, ProcessesAreLimited) {
  std::vector<std::string> argv =
      shell("i=0; while [ $i -lt 100 ]; do sleep 1000 & i=$((i+1)); done 2>/dev/null; echo all");
  // The kernel does not limit root.
  if (::geteuid() == 0) argv.insert(argv.begin(), {"/usr/bin/setpriv", "--reuid=65534", "--clear-groups"});
  exec::Launch launch;
  launch.argv = argv;
  launch.sandbox = {SandboxProfile::kBasic, {.max_processes = 20}};
  ChildRun bomb(launcher_, launch);
  // The shell ends when it can start no more; those that it started hold the pipe.
  EXPECT_EQ(bomb.end().code, 2);
  EXPECT_THAT(bomb.read_all(), Not(HasSubstr("all")));
}

TEST_F(BasicSandboxTest, LimitsAboveThoseOfTheDaemonKeepThese) {
  EXPECT_EQ(run_limited({.max_open_files = ~std::uint64_t{0} >> 2}, {"/bin/true"}).status.code, 0);
}

// --- strict.

class StrictSandboxTest : public ConfinedTest {
 protected:
  void SetUp() override {
    const auto possible = exec::check_sandbox({SandboxProfile::kStrict, {}}, FUTURED_SANDBOX);
    if (!possible) GTEST_SKIP() << possible.error().message;
  }
  End run_strict(std::vector<std::string> argv, std::string directory = "") {
    return run({SandboxProfile::kStrict, {}}, std::move(argv), std::move(directory));
  }
};

TEST_F(StrictSandboxTest, NoCapabilitiesAndAFilter) {
  const std::string status = run_strict({"/bin/cat", "/proc/self/status"}).output;
  for (const char* line : {"CapEff:\t0000000000000000\n", "CapPrm:\t0000000000000000\n", "CapBnd:\t0000000000000000\n",
                           "NoNewPrivs:\t1\n", "Seccomp:\t2\n"}) {
    EXPECT_THAT(status, HasSubstr(line));
  }
}

TEST_F(StrictSandboxTest, UserStaysTheSame) {
  EXPECT_EQ(run_strict({"/usr/bin/id", "-u"}).output, std::to_string(::geteuid()) + "\n");
}

TEST_F(StrictSandboxTest, SeesNoProcessesButItsOwn) {
  EXPECT_EQ(run_strict(shell("cd /proc; set -- [0-9]*; [ \"$*\" = \"1 $$\" ] && echo alone || echo \"$*\"")).output,
            "alone\n");
}

TEST_F(StrictSandboxTest, ForbiddenCallsAreNotPermitted) {
  const std::string output = run_strict({FUTURED_SANDBOX_PROBE, "forbidden"}).output;
  std::istringstream lines(output);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    EXPECT_THAT(line, HasSubstr(": Operation not permitted"));
  }
  EXPECT_EQ(count, 14);
}

TEST_F(StrictSandboxTest, CallsOfAnotherArchitectureKill) {
#ifdef __x86_64__
  if (run({SandboxProfile::kBasic, {}}, {FUTURED_SANDBOX_PROBE, "foreign"}).status.code != 0) {
    GTEST_SKIP() << "the kernel has no 32-bit calls";
  }
  EXPECT_EQ(run_strict({FUTURED_SANDBOX_PROBE, "foreign"}).status.signal, SIGSYS);
#else
  GTEST_SKIP() << "x86-64 only";
#endif
}

TEST_F(StrictSandboxTest, NetworkHasNothingButADeadLoopback) {
  const std::string devices = run_strict({"/bin/cat", "/proc/net/dev"}).output;
  EXPECT_THAT(devices, HasSubstr("lo:"));
  EXPECT_EQ(std::count(devices.begin(), devices.end(), ':'), 1) << devices;
}

TEST_F(StrictSandboxTest, FilesAreReadOnly) {
  // Not below /tmp, which is hidden.
  const TemporaryDirectory directory("/var/tmp");
  const std::string file = directory.path() + "/file";
  std::ofstream(file) << "text";
  EXPECT_EQ(run_strict({"/bin/cat", file}).output, "text");
  for (const char* attempt : {"echo x >> $1", "truncate -s 0 $1", "chmod 777 $1", "touch $1", "mkdir $1.d",
                              "mv $1 $1.x", "ln $1 $1.x", "rm $1"}) {
    EXPECT_NE(run_strict({"/bin/sh", "-c", attempt, "sh", file}).status.code, 0) << attempt;
  }
  EXPECT_EQ(std::filesystem::file_size(file), 4U);
}

TEST_F(StrictSandboxTest, DevicesAreReadOnlyButNull) {
  EXPECT_EQ(run_strict(shell("echo x > /dev/null && head -c 1 /dev/zero | wc -c")).output, "1\n");
  EXPECT_NE(run_strict(shell("echo x > /dev/zero")).status.code, 0);
}

TEST_F(StrictSandboxTest, TmpIsEmptyPrivateAndWritable) {
  EXPECT_EQ(run_strict(shell("ls -A /tmp | wc -l; echo text > /tmp/futured-sandbox-test && cat /tmp/*")).output,
            "0\ntext\n");
  EXPECT_FALSE(std::filesystem::exists("/tmp/futured-sandbox-test"));
}

TEST_F(StrictSandboxTest, TmpIsBounded) {
  EXPECT_NE(run_strict(shell("head -c 300m /dev/zero > /tmp/file")).status.code, 0);
}

TEST_F(StrictSandboxTest, WorkingDirectoryIsWritableIfItWasNamed) {
  const TemporaryDirectory directory;
  EXPECT_EQ(run_strict(shell("echo text > file && mv file other && cat other"), directory.path()).output, "text\n");
  EXPECT_TRUE(std::filesystem::exists(directory.path() + "/other"));
}

TEST_F(StrictSandboxTest, OrphansDieWithTheProgram) {
  const End end = run_strict(shell("setsid sleep 1000 & (setsid sleep 1000 &) ; exit 6"));
  EXPECT_EQ(end.status.code, 6);
}

TEST_F(StrictSandboxTest, MissingLayerIsNamed) {
  const End end =
      run({SandboxProfile::kNone, {}},
          {"/usr/bin/unshare", "--map-root-user", "/bin/sh", "-c",
           "echo 0 > /proc/sys/user/max_user_namespaces && exec $0 --profile=strict -- /bin/true", FUTURED_SANDBOX});
  EXPECT_EQ(end.status.code, exec::kSandboxFailed);
  EXPECT_EQ(end.output, "futured-sandbox: user namespace: not permitted here: No space left on device\n");
}

TEST_F(StrictSandboxTest, ThereIsNoOtherSandboxWithin) {
  const End end = run_strict({FUTURED_SANDBOX, "--profile=strict", "--", "/bin/true"});
  EXPECT_EQ(end.status.code, exec::kSandboxFailed);
  EXPECT_THAT(end.output, HasSubstr("futured-sandbox: memory priority: "));
}

// --- The helper's command line.

TEST_F(ConfinedTest, WrongCommandLinesAreRefused) {
  const auto complaint = [this](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), FUTURED_SANDBOX);
    const End end = run({SandboxProfile::kNone, {}}, arguments);
    EXPECT_EQ(end.status.code, exec::kSandboxFailed);
    return end.output;
  };
  EXPECT_EQ(complaint({"--profile=basic"}), "futured-sandbox: no program to run\n");
  EXPECT_EQ(complaint({"--memory=1x", "--", "/bin/true"}), "futured-sandbox: not a number: --memory=1x\n");
  EXPECT_EQ(complaint({"--speed=1", "--", "/bin/true"}), "futured-sandbox: no such option: --speed=1\n");
  EXPECT_EQ(complaint({"/bin/true"}), "futured-sandbox: not an option: /bin/true\n");
}

}  // namespace
}  // namespace futured::testing
