#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>

#include "server/settings.h"
#include "tests/server/options_fixture.h"

namespace futured::server {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// Has a futured-worker beside the daemon, and a PATH.
class ExecutorOptionsTest : public OptionsFixture {
 protected:
  void SetUp() override {
    OptionsFixture::SetUp();
    worker_ = write_program("bin/futured-worker");
    environment_["PATH"] = "/usr/bin:/bin";
  }
  // The refusal of a key of an executor of kind "process".
  std::string process_refusal(const std::string& line) const {
    return file_refusal("[executors.p]\nkind = \"process\"\n" + line + "\n");
  }
  // The refusal of a key of a function "f".
  std::string function_refusal(const std::string& lines) const {
    return file_refusal("[executors.p]\nkind = \"process\"\n[executors.t]\n[functions.f]\n" + lines + "\n");
  }

  std::string worker_;
};

TEST_F(ExecutorOptionsTest, ProcessExecutorHasDefaults) {
  const Options options = accepted_file("[executors.p]\nkind = \"process\"\n");
  ASSERT_EQ(options.executors.size(), 1U);
  const ExecutorOptions& executor = options.executors[0];
  EXPECT_EQ(executor.kind, "process");
  EXPECT_EQ(executor.max_workers, std::max(1U, std::thread::hardware_concurrency()));
  EXPECT_THAT(executor.worker, ElementsAre(worker_));
  EXPECT_EQ(executor.initializer, "");
  EXPECT_THAT(executor.initializer_program, IsEmpty());
  EXPECT_EQ(executor.max_tasks_per_child, 0U);
  EXPECT_EQ(executor.kill_grace, seconds(5));
  EXPECT_EQ(executor.stop_timeout, seconds(10));
  EXPECT_EQ(executor.sandbox.profile, exec::SandboxProfile::kBasic);
  EXPECT_EQ(executor.sandbox.limits.max_memory, 0U);
  EXPECT_THAT(executor.worker_environment, ElementsAre("PATH=/usr/bin:/bin"));
  EXPECT_EQ(options.program_directory, directory_ / "bin");
}

TEST_F(ExecutorOptionsTest, EveryKeyOfAProcessExecutorIsRead) {
  environment_["TOKEN"] = "x";
  write("work/x", "");
  const std::string own = write_program("own-worker");
  const ExecutorOptions executor = accepted_file(R"(
[executors.p]
kind = "process"
max_workers = 3
worker = ["./own-worker", "--verbose", "a/b"]
initializer = "math.warm_up"
max_tasks_per_child = 100
kill_grace = "0s"
stop_timeout = "1m"
sandbox = "strict"
max_memory = "512MiB"
max_cpu_time = "1m"
max_processes = 64
max_file_size = "1GiB"
max_open_files = 256
environment = ["TOKEN", "ABSENT", "LANG=C"]
directory = "work"
)")
                                       .executors.at(0);
  EXPECT_EQ(executor.max_workers, 3U);
  EXPECT_THAT(executor.worker, ElementsAre(own, "--verbose", "a/b"));
  EXPECT_EQ(executor.initializer, "math.warm_up");
  EXPECT_THAT(executor.initializer_program, IsEmpty());
  EXPECT_EQ(executor.max_tasks_per_child, 100U);
  EXPECT_EQ(executor.kill_grace, seconds(0));
  EXPECT_EQ(executor.stop_timeout, seconds(60));
  EXPECT_EQ(executor.sandbox.profile, exec::SandboxProfile::kStrict);
  EXPECT_EQ(executor.sandbox.limits.max_memory, std::uint64_t{512} << 20);
  EXPECT_EQ(executor.sandbox.limits.max_cpu_seconds, 60U);
  EXPECT_EQ(executor.sandbox.limits.max_processes, 64U);
  EXPECT_EQ(executor.sandbox.limits.max_file_size, std::uint64_t{1} << 30);
  EXPECT_EQ(executor.sandbox.limits.max_open_files, 256U);
  EXPECT_THAT(executor.worker_environment, ElementsAre("TOKEN=x", "LANG=C"));
  EXPECT_EQ(executor.directory, directory_ / "work");
}

TEST_F(ExecutorOptionsTest, BadKeysOfAProcessExecutorAreRefusedWithFileLineAndKey) {
  EXPECT_EQ(process_refusal("max_tasks_per_child = 0"),
            ":3: executors.p.max_tasks_per_child: must be at least 1, got 0");
  EXPECT_EQ(process_refusal("sandbox = \"tight\""),
            ":3: executors.p.sandbox: must be one of none|basic|strict, got \"tight\"");
  EXPECT_THAT(process_refusal("max_memory = \"lots\""),
              StartsWith(":3: executors.p.max_memory: \"lots\" is not a size"));
  EXPECT_EQ(process_refusal("max_memory = 0"), ":3: executors.p.max_memory: must be at least 1MiB, got 0");
  EXPECT_EQ(process_refusal("max_cpu_time = \"1500ms\""),
            ":3: executors.p.max_cpu_time: must be whole seconds, at least 1s, got 1500ms");
  EXPECT_EQ(process_refusal("max_processes = 0"), ":3: executors.p.max_processes: must be at least 1, got 0");
  EXPECT_EQ(process_refusal("max_file_size = 0"), ":3: executors.p.max_file_size: must be at least 1B, got 0");
  EXPECT_EQ(process_refusal("max_open_files = 2"), ":3: executors.p.max_open_files: must be at least 8, got 2");
  EXPECT_EQ(process_refusal("stop_timeout = \"0s\""), ":3: executors.p.stop_timeout: must be at least 1s, got 0s");
  EXPECT_THAT(process_refusal("kill_grace = 5"), StartsWith(":3: executors.p.kill_grace: \"5\" is not a duration"));
  EXPECT_THAT(process_refusal("initializer = \"a b\""), StartsWith(":3: executors.p.initializer: \"a b\" is no name"));
  EXPECT_THAT(process_refusal("worker = \"sh\""), StartsWith(":3: executors.p.worker: must be a list of texts"));
  EXPECT_EQ(process_refusal("worker = [\"no-such-program\"]"),
            ":3: executors.p.worker: no program \"no-such-program\" in PATH (/usr/bin:/bin)");
  EXPECT_EQ(process_refusal("environment = [\"=x\"]"),
            ":3: executors.p.environment: \"=x\" is neither the name of a variable nor NAME=value");
  EXPECT_EQ(process_refusal("directory = \"/nonexistent\""), ":3: executors.p.directory: no directory /nonexistent");
  EXPECT_THAT(process_refusal("sandbx = \"none\""), HasSubstr("did you mean sandbox?"));
}

TEST_F(ExecutorOptionsTest, InitializerMayBeAProgram) {
  const std::string program = write_program("bin/warm-up");
  const auto executor = [this](const std::string& initializer) {
    return accepted_file("[executors.p]\nkind = \"process\"\ninitializer = " + initializer + "\n").executors.at(0);
  };
  EXPECT_THAT(executor("[\"bin/warm-up\", \"--all\", \"a/b\"]").initializer_program,
              ElementsAre(program, "--all", "a/b"));
  EXPECT_EQ(executor("[\"bin/warm-up\"]").initializer, "");
  EXPECT_THAT(executor("[\"true\"]").initializer_program, ElementsAre("/usr/bin/true"));
  EXPECT_THAT(executor("[]").initializer_program, IsEmpty());
}

TEST_F(ExecutorOptionsTest, InitializerWithASlashIsAProgramAsFlagAndVariable) {
  const std::string program = write_program("bin/warm-up");
  environment_["FUTURED_EXECUTORS"] = "p.kind=process,p.initializer=" + program;
  const ExecutorOptions of_variable = accepted({}).executors.at(0);
  EXPECT_THAT(of_variable.initializer_program, ElementsAre(program));
  EXPECT_EQ(of_variable.initializer, "");
  const ExecutorOptions of_flag = accepted({"--executor=p.initializer=math.warm_up"}).executors.at(0);
  EXPECT_THAT(of_flag.initializer_program, IsEmpty());
  EXPECT_EQ(of_flag.initializer, "math.warm_up");
}

TEST_F(ExecutorOptionsTest, InitializerThatIsNoProgramIsRefusedWithFileLineAndKey) {
  const std::string file = write("plain-file", "");
  EXPECT_EQ(process_refusal("initializer = [\"no-such-program\"]"),
            ":3: executors.p.initializer: no program \"no-such-program\" in PATH (/usr/bin:/bin)");
  EXPECT_THAT(process_refusal("initializer = [\"" + file + "\"]"), StartsWith(":3: executors.p.initializer: "));
  EXPECT_THAT(process_refusal("initializer = [\"true\", 5]"),
              StartsWith(":3: executors.p.initializer: must be a list of texts"));
  EXPECT_THAT(process_refusal("initializer = \"/bin/true\""),
              HasSubstr("a program is a list, as in [\"/usr/bin/warm-up\"]"));
  EXPECT_THAT(refusal({"--executor=p.kind=process", "--executor=p.initializer=/nowhere/x"}),
              StartsWith("--executor: p.initializer: "));
}

TEST_F(ExecutorOptionsTest, LimitsNeedASandbox) {
  EXPECT_THAT(process_refusal("max_memory = \"1GiB\"\nsandbox = \"none\""),
              StartsWith(":3: executors.p.max_memory: needs sandbox = \"basic\" or \"strict\""));
  EXPECT_THAT(process_refusal("sandbox = \"none\"\nmax_open_files = 10"),
              StartsWith(":4: executors.p.max_open_files: "));
  EXPECT_EQ(accepted_file("[executors.p]\nkind = \"process\"\nsandbox = \"none\"\n").executors.at(0).sandbox.profile,
            exec::SandboxProfile::kNone);
}

TEST_F(ExecutorOptionsTest, OwnWorkerMustBeBesideTheDaemon) {
  std::filesystem::remove(worker_);
  EXPECT_THAT(file_refusal("[executors.p]\nkind = \"process\"\n"),
              StartsWith(":1: executors.p.worker: no program " + worker_));
}

TEST_F(ExecutorOptionsTest, KeysOfTheOtherKindAreRefused) {
  EXPECT_EQ(
      process_refusal("max_coroutines = 5"),
      ":3: executors.p.max_coroutines: only executors of kind \"thread\" have it; this one is of kind \"process\"");
  EXPECT_EQ(file_refusal("[executors.t]\n\nsandbox = \"basic\"\n"),
            ":3: executors.t.sandbox: only executors of kind \"process\" have it; this one is of kind \"thread\"");
  EXPECT_THAT(refusal({"--executor=t.kill_grace=1s"}), StartsWith("--executor: t.kill_grace: only executors of kind"));
}

TEST_F(ExecutorOptionsTest, ProcessExecutorsAreSetByFlagsToo) {
  const Options options = accepted({"--executor=p.kind=process", "--executor=p.max_memory=1GiB"});
  EXPECT_EQ(options.executors.at(0).sandbox.limits.max_memory, std::uint64_t{1} << 30);
  EXPECT_EQ(refusal({"--executor=p.kind=process", "--executor=p.worker=/nonexistent"}),
            "--executor: p.worker: no program /nonexistent: there is no such file, or it may not be executed");
}

TEST_F(ExecutorOptionsTest, FunctionIsCompiled) {
  environment_["LANG"] = "C";
  write("work/x", "");
  const std::string own = write_program("scripts/resize");
  const Options options = accepted_file(R"(
max_value_size = "1KiB"
[functions."image.resize"]
executor = "p"
command = ["scripts/resize", "{size}", "-"]
stdin = "{image}"
output = "json"
timeout = "30s"
[functions.list]
executor = "p"
command = ["ls"]
max_output = 100
environment = []
directory = "work"
[executors.p]
kind = "process"
environment = ["LANG"]
directory = "."
)");
  ASSERT_EQ(options.functions.size(), 2U);
  ASSERT_NE(options.functions[0].program, nullptr);
  const exec::Program& resize = *options.functions[0].program;
  EXPECT_EQ(resize.options().function, "image.resize");
  EXPECT_EQ(resize.signature(), "json(size, image)");
  EXPECT_THAT(options.functions[0].command, ElementsAre(own, "{size}", "-"));
  EXPECT_EQ(resize.options().timeout, seconds(30));
  EXPECT_EQ(resize.options().max_output, 1024U);
  EXPECT_THAT(resize.environment(), ElementsAre("LANG=C"));
  EXPECT_EQ(std::filesystem::path(resize.options().directory), directory_ / "");
  const exec::Program& list = *options.functions[1].program;
  EXPECT_EQ(list.signature(), "bytes()");
  EXPECT_EQ(list.options().timeout, std::nullopt);
  EXPECT_EQ(list.options().max_output, 100U);
  EXPECT_THAT(list.environment(), IsEmpty());
  EXPECT_EQ(list.options().directory, directory_ / "work");
}

TEST_F(ExecutorOptionsTest, BadFunctionsAreRefusedWithFileLineAndKey) {
  const std::string rest = "executor = \"p\"\n";
  EXPECT_EQ(function_refusal("executor = \"p\""), ":4: functions.f.command: must name a program");
  EXPECT_EQ(function_refusal("command = [\"ls\"]"),
            ":4: functions.f.executor: must name an executor of kind \"process\"");
  EXPECT_EQ(function_refusal("command = [\"ls\"]\nexecutor = \"q\""),
            ":6: functions.f.executor: no executor \"q\"; did you mean p?");
  EXPECT_EQ(function_refusal("command = [\"ls\"]\nexecutor = \"t\""),
            ":6: functions.f.executor: \"t\" is of kind \"thread\"; programs need one of kind \"process\"");
  EXPECT_THAT(function_refusal(rest + "command = [\"no-such-program\"]"),
              StartsWith(":6: functions.f.command: no program \"no-such-program\" in PATH"));
  EXPECT_THAT(function_refusal(rest + "command = [\"ls\", \"{}\"]"),
              StartsWith(":6: functions.f.command: argument 1, \"{}\", at 1: a placeholder without a name"));
  EXPECT_THAT(function_refusal(rest + "command = [\"ls\"]\nstdin = \"{\""),
              StartsWith(":7: functions.f.stdin: at 1: \"{\" without \"}\""));
  EXPECT_EQ(function_refusal(rest + "command = [\"ls\"]\ntimeout = \"0s\""),
            ":7: functions.f.timeout: must be more than 0");
  EXPECT_EQ(function_refusal(rest + "command = [\"ls\"]\nmax_output = 0"),
            ":7: functions.f.max_output: must be at least 1B, got 0");
  EXPECT_EQ(function_refusal(rest + "command = [\"ls\"]\noutput = \"xml\""),
            ":7: functions.f.output: must be one of bytes|text|json, got \"xml\"");
  EXPECT_EQ(function_refusal(rest + "command = [\"ls\"]\ndirectory = \"none\""),
            ":7: functions.f.directory: no directory " + (directory_ / "none").string());
  EXPECT_THAT(function_refusal(rest + "commnd = [\"ls\"]"), HasSubstr("unknown key; did you mean command?"));
  EXPECT_THAT(file_refusal("[functions.\"a b\"]\n"), StartsWith(":1: functions: a function's name is 1 to 128"));
  EXPECT_THAT(file_refusal("[functions.image.resize]\ncommand = [\"ls\"]\n"),
              HasSubstr("functions.image.resize: unknown key; a name with a dot is written in quotes"));
  EXPECT_THAT(file_refusal("[executor.python]\n"), EndsWith("executor: unknown key; did you mean executors?"));
  EXPECT_THAT(file_refusal("functions = 5\n"), StartsWith(":1: functions: must be tables"));
}

TEST_F(ExecutorOptionsTest, PrintedConfigurationReadsBackTheSame) {
  const auto printed = read({"--print-config", "--config", write("good.toml", R"(
[executors.t]
[executors.p]
kind = "process"
max_memory = "64MiB"
max_cpu_time = "10s"
max_tasks_per_child = 7
initializer = ["true", "--\"x\""]
[functions."a.b"]
executor = "p"
command = ["ls", "-\"\\{x}"]
stdin = "{x}\n"
timeout = "1m"
)")});
  ASSERT_TRUE(printed.has_value()) << printed.error();
  const Options again = accepted({"--config", write("printed.toml", printed->print)});
  EXPECT_EQ(print_settings(again), printed->print);
  EXPECT_THAT(printed->print, HasSubstr("\nmax_memory = \"64MiB\"\n"));
  EXPECT_THAT(printed->print, HasSubstr("\nmax_cpu_time = \"10s\"\n"));
  EXPECT_THAT(printed->print, HasSubstr("\n# max_processes = \n"));
  EXPECT_THAT(printed->print, HasSubstr("\n[functions.\"a.b\"]\n"));
  EXPECT_EQ(again.functions.at(0).standard_input, "{x}\n");
  EXPECT_EQ(again.executors.at(1).max_tasks_per_child, 7U);
  EXPECT_THAT(again.executors.at(1).initializer_program, ElementsAre("/usr/bin/true", "--\"x\""));
}

}  // namespace
}  // namespace futured::server
