#include "server/options.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <string>
#include <vector>

#include "server/settings.h"
#include "tests/server/options_fixture.h"

namespace futured::server {
namespace {

using OptionsTest = OptionsFixture;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST_F(OptionsTest, NoArgumentsServeLoopbackWithOneThreadExecutor) {
  const Options options = accepted({});
  EXPECT_THAT(options.listen, ::testing::ElementsAre("127.0.0.1:7070"));
  ASSERT_EQ(options.executors.size(), 1U);
  EXPECT_EQ(options.executors[0].name, "thread");
  EXPECT_EQ(options.executors[0].kind, "thread");
  EXPECT_EQ(options.executors[0].max_workers, default_max_workers("thread"));
  EXPECT_GE(options.limits.max_subscribers, 10'000U);
}

TEST_F(OptionsTest, FileSetsEveryKindOfValue) {
  const std::string path = write("futured.toml", R"(
listen = "[::1]:0"
max_pending = 1_000
max_arguments_size = "64KiB"
max_value_size = 100
retention = "5m"
log_format = "json"
verbose = true
[executors.small]
kind = "thread"
max_workers = 2
max_coroutines = 7
[executors.large]
)");
  const Options options = accepted({"--config", path});
  EXPECT_THAT(options.listen, ::testing::ElementsAre("[::1]:0"));
  EXPECT_EQ(options.limits.max_pending, 1'000U);
  EXPECT_EQ(options.max_arguments_size, 65'536U);
  EXPECT_EQ(options.max_value_size, 100U);
  EXPECT_EQ(options.limits.retention, std::chrono::minutes(5));
  EXPECT_EQ(options.log_format, LogFormat::kJson);
  EXPECT_TRUE(options.verbose);
  ASSERT_EQ(options.executors.size(), 2U);
  const ExecutorOptions& small = options.executors[0];
  EXPECT_EQ(small.name, "small");
  EXPECT_EQ(small.max_workers, 2U);
  EXPECT_EQ(small.max_coroutines, 7U);
}

TEST_F(OptionsTest, FlagOutranksEnvironmentOutranksFileOutranksDefault) {
  environment_["FUTURED_CONFIG"] = write("futured.toml", "max_pending = 1\nmax_retained = 2\nmax_waiters = 3\n");
  environment_["FUTURED_MAX_RETAINED"] = "20";
  environment_["FUTURED_MAX_WAITERS"] = "30";
  const Options options = accepted({"--max-waiters=300"});
  EXPECT_EQ(options.limits.max_pending, 1U);
  EXPECT_EQ(options.limits.max_retained, 20U);
  EXPECT_EQ(options.limits.max_subscribers, 300U);
  EXPECT_EQ(options.max_ids_per_call, 10'000U);
}

TEST_F(OptionsTest, LogsOfTasksAreBoundedByThreeLimits) {
  const Options usual = accepted({});
  EXPECT_EQ(usual.limits.max_log_lines, 1'000U);
  EXPECT_EQ(usual.limits.max_log_bytes, 64U << 10);
  EXPECT_EQ(usual.limits.max_log_memory, 256U << 20);
  const Options none = accepted({"--max-log-lines=0", "--max-log-bytes=8KiB", "--max-log-memory=1GiB"});
  EXPECT_EQ(none.limits.max_log_lines, 0U);
  EXPECT_EQ(none.limits.max_log_bytes, 8U << 10);
  EXPECT_EQ(none.limits.max_log_memory, 1U << 30);
}

TEST_F(OptionsTest, MaximumOfTimeoutsIsSetByFileVariableAndFlag) {
  EXPECT_EQ(accepted({}).limits.max_timeout, std::nullopt);
  environment_["FUTURED_CONFIG"] = write("futured.toml", "max_timeout = \"10m\"\n");
  EXPECT_EQ(accepted({}).limits.max_timeout, std::chrono::minutes(10));
  environment_["FUTURED_MAX_TIMEOUT"] = "1h";
  EXPECT_EQ(accepted({}).limits.max_timeout, std::chrono::hours(1));
  EXPECT_EQ(accepted({"--max-timeout=30s"}).limits.max_timeout, std::chrono::seconds(30));
  EXPECT_EQ(refusal({"--max-timeout=0s"}), "--max-timeout: must be at least 1s, got 0s");
  EXPECT_THAT(read({"--print-config", "--max-timeout=30s"})->print, HasSubstr("\nmax_timeout = \"30s\"\n"));
}

TEST_F(OptionsTest, TracesGoToACollector) {
  EXPECT_EQ(accepted({}).trace_endpoint, "");
  EXPECT_EQ(accepted({}).trace_service_name, "futured");
  EXPECT_EQ(accepted({}).trace_sample, 0);
  const std::string path = write("futured.toml", R"(
trace_endpoint = "http://collector:4318"
trace_headers_file = "/etc/otlp"
trace_sample = 0.25
)");
  const Options options = accepted({"--config", path, "--trace-service-name=orders"});
  EXPECT_EQ(options.trace_endpoint, "http://collector:4318");
  EXPECT_EQ(options.trace_headers_file, "/etc/otlp");
  EXPECT_EQ(options.trace_service_name, "orders");
  EXPECT_EQ(options.trace_sample, 0.25);
  EXPECT_EQ(accepted({"--trace-sample=1"}).trace_sample, 1);
  EXPECT_THAT(read({"--print-config", "--trace-sample=0.001"})->print, HasSubstr("\ntrace_sample = 0.001\n"));
}

TEST_F(OptionsTest, CollectorThatCannotBeReachedIsRefused) {
  EXPECT_THAT(refusal({"--trace-endpoint=collector:4318"}),
              HasSubstr("--trace-endpoint: \"collector:4318\" is no URL"));
  EXPECT_THAT(refusal({"--trace-endpoint=https://collector"}), HasSubstr("needs TLS"));
  for (const char* share : {"1.1", "-0.1", "nan", "half", "0.5x"}) {
    EXPECT_THAT(refusal({"--trace-sample=" + std::string(share)}), HasSubstr("not a number from 0 to 1")) << share;
  }
}

TEST_F(OptionsTest, ConfigFlagOutranksConfigVariable) {
  environment_["FUTURED_CONFIG"] = write("one.toml", "max_pending = 1\n");
  EXPECT_EQ(accepted({"--config", write("two.toml", "max_pending = 2\n")}).limits.max_pending, 2U);
}

TEST_F(OptionsTest, SwitchesAreFlagsWithAndWithoutValue) {
  EXPECT_TRUE(accepted({"--verbose"}).verbose);
  EXPECT_FALSE(accepted({"--reflection=false"}).reflection);
  environment_["FUTURED_REFLECTION"] = "false";
  EXPECT_FALSE(accepted({}).reflection);
}

TEST_F(OptionsTest, FuturesSurviveWhereTheSystemKeepsStateUnlessTheOptionsSayOtherwise) {
  environment_["XDG_STATE_HOME"] = "/state";
  EXPECT_EQ(accepted({}).data_dir, ::geteuid() == 0 ? "/var/lib/futured" : "/state/futured");
  EXPECT_TRUE(accepted({}).sync_every_commit);
  EXPECT_EQ(accepted({"--data-dir=/data"}).data_dir, "/data");
  EXPECT_EQ(accepted({"--memory"}).data_dir, "");
}

TEST_F(OptionsTest, BackupIsOfADatabase) {
  const auto read_backup = read({"--data-dir=/data", "--backup=/copy"});
  ASSERT_TRUE(read_backup);
  EXPECT_EQ(read_backup->backup, "/copy");
  EXPECT_THAT(refusal({"--memory", "--backup=/copy"}), HasSubstr("--backup"));
}

TEST_F(OptionsTest, LastOfRepeatedFlagsWins) {
  EXPECT_EQ(accepted({"--max-pending=1", "--max-pending=2"}).limits.max_pending, 2U);
}

TEST_F(OptionsTest, ExecutorsAreSetByFlagsAndVariable) {
  environment_["FUTURED_EXECUTORS"] = "thread.max_workers=3,io.kind=thread";
  const Options options = accepted({"--executor", "thread.max_workers=4", "--executor", "thread.max_coroutines=5"});
  ASSERT_EQ(options.executors.size(), 2U);
  EXPECT_EQ(options.executors[0].name, "thread");
  EXPECT_EQ(options.executors[0].max_workers, 4U);
  EXPECT_EQ(options.executors[0].max_coroutines, 5U);
  EXPECT_EQ(options.executors[1].name, "io");
}

TEST_F(OptionsTest, BadFileIsRefusedWithFileLineAndKey) {
  EXPECT_EQ(file_refusal("# a comment\n\n[executors.thread]\nkind = \"thread\"\nmax_workers = 0\n"),
            ":5: executors.thread.max_workers: must be at least 1, got 0");
  EXPECT_EQ(file_refusal("max_pending = \"many\"\n"), ":1: max_pending: \"many\" is not a whole number");
  EXPECT_EQ(file_refusal("max_pending = -1\n"), ":1: max_pending: \"-1\" is not a whole number");
  EXPECT_THAT(file_refusal("\nmax_value_size = \"4MB\"\n"), StartsWith(":2: max_value_size: \"4MB\" is not a size"));
  EXPECT_THAT(file_refusal("retention = 3600\n"), StartsWith(":1: retention: \"3600\" is not a duration"));
  EXPECT_EQ(file_refusal("log_level = \"loud\"\n"),
            ":1: log_level: must be one of debug|info|warning|error, got \"loud\"");
  EXPECT_EQ(file_refusal("verbose = 1\n"), ":1: verbose: \"1\" is neither true nor false");
  EXPECT_THAT(file_refusal("listen = \"7070\"\n"), StartsWith(":1: listen: \"7070\" is not an address to listen on"));
  EXPECT_THAT(file_refusal("listen = [\"a\"]\n"), StartsWith(":1: listen: \"a\" is not an address to listen on"));
  EXPECT_THAT(file_refusal("listen = 7070\n"), StartsWith(":1: listen: must be a list of texts"));
  EXPECT_THAT(file_refusal("listen = []\n"), StartsWith(":1: listen: there must be at least one address"));
  EXPECT_THAT(file_refusal("plugins = \"a.so\"\n"), StartsWith(":1: plugins: must be a list of texts"));
  EXPECT_THAT(file_refusal("executors = 5\n"), StartsWith(":1: executors: must be tables"));
  EXPECT_EQ(file_refusal("[executors.t]\nkind = \"fibre\"\n"),
            ":2: executors.t.kind: must be \"thread\" or \"process\", got \"fibre\"");
  EXPECT_THAT(file_refusal("[executors.\"a b\"]\n"), StartsWith(":1: executors: an executor's name is"));
  EXPECT_THAT(file_refusal("max_pending = \n"), StartsWith(":1: "));
  EXPECT_THAT(refusal({"--config", "/nonexistent/futured.toml"}), HasSubstr("futured.toml: cannot be read"));
}

TEST_F(OptionsTest, UnknownKeysAreRefusedWithSuggestion) {
  EXPECT_EQ(file_refusal("max_pendin = 5\n"), ":1: max_pendin: unknown key; did you mean max_pending?");
  EXPECT_EQ(file_refusal("[executors.t]\nworkers = 5\n"),
            ":2: executors.t.workers: unknown key; did you mean max_workers?");
  EXPECT_EQ(file_refusal("colour = \"blue\"\n"), ":1: colour: unknown key");
  EXPECT_EQ(refusal({"--max-pendin=5"}), "--max-pendin: unknown flag; did you mean --max-pending?");
  EXPECT_EQ(refusal({"surplus"}), "surplus: unknown flag");
}

TEST_F(OptionsTest, BadFlagAndBadVariableAreNamed) {
  EXPECT_EQ(refusal({"--max-pending=0"}), "--max-pending: must be at least 1, got 0");
  EXPECT_THAT(refusal({"--max-pending"}), HasSubstr("--max-pending"));
  EXPECT_EQ(refusal({"--executor=thread.max_workers=0"}), "--executor: thread.max_workers: must be at least 1, got 0");
  EXPECT_EQ(refusal({"--executor=thread.workers=1"}),
            "--executor: thread.workers: unknown key; did you mean max_workers?");
  EXPECT_EQ(refusal({"--executor=thread"}), "--executor: \"thread\" is not NAME.KEY=VALUE");
  environment_["FUTURED_RETENTION"] = "soon";
  EXPECT_THAT(refusal({}), StartsWith("FUTURED_RETENTION: \"soon\" is not a duration"));
}

TEST_F(OptionsTest, TimesOfConnections) {
  EXPECT_EQ(accepted({}).keepalive_time, std::chrono::seconds(30));
  EXPECT_EQ(accepted({"--keepalive-time=5s"}).keepalive_time, std::chrono::seconds(5));
  EXPECT_EQ(accepted({"--keepalive-timeout=2s"}).keepalive_timeout, std::chrono::seconds(2));
  EXPECT_EQ(accepted({"--handshake-timeout=3s"}).handshake_timeout, std::chrono::seconds(3));
  EXPECT_EQ(accepted({"--max-connection-idle=1h"}).max_connection_idle, std::chrono::hours(1));
  for (const std::string flag :
       {"--keepalive-time", "--keepalive-timeout", "--handshake-timeout", "--max-connection-idle"}) {
    EXPECT_EQ(refusal({flag + "=10ms"}), flag + ": must be at least 1s, got 10ms");
  }
}

TEST_F(OptionsTest, HttpListensWhereItIsToldOrNowhere) {
  EXPECT_EQ(accepted({}).http_listen, std::nullopt);
  EXPECT_EQ(accepted({"--http-listen=off"}).http_listen, "off");
  EXPECT_EQ(accepted({"--http-listen=[::1]:0"}).http_listen, "[::1]:0");
  EXPECT_THAT(refusal({"--http-listen=7071"}), StartsWith("--http-listen: \"7071\" is not an address to listen on"));
}

TEST_F(OptionsTest, HttpOnOtherInterfacesNeedsTheUglyFlag) {
  EXPECT_THAT(refusal({"--http-listen=0.0.0.0:7071"}),
              StartsWith("--http-listen: 0.0.0.0:7071 is not a loopback address"));
  EXPECT_EQ(accepted({"--http-listen=0.0.0.0:7071", "--listen-insecurely-on-any-interface"}).http_listen,
            "0.0.0.0:7071");
}

TEST_F(OptionsTest, NamesForHttpAreAList) {
  EXPECT_THAT(accepted({"--http-hosts=a.example:b.example"}).http_hosts, ElementsAre("a.example", "b.example"));
}

TEST_F(OptionsTest, PluginsAreFoundBesideTheFileInThePathAndWhereTheyAreInstalled) {
  const std::string installed =
      std::filesystem::path(write("bin/" FUTURED_PLUGIN_DIRECTORY "/c.so", "")).lexically_normal();
  const std::string config = write("etc/futured.toml", "plugins = [\"a.so\", \"sub/b.so\", \"c.so\", \"d.so\"]\n");
  const std::string beside = write("etc/a.so", "");
  const std::string below = write("etc/sub/b.so", "");
  const std::string in_path = write("path/d.so", "");
  environment_["FUTURED_PLUGIN_PATH"] = "/nonexistent:" + (directory_ / "path").string();
  EXPECT_THAT(accepted({"--config", config}).plugins, ::testing::ElementsAre(beside, below, installed, in_path));
  EXPECT_THAT(accepted({"--plugins", beside + ":c.so", "--plugins", below}).plugins,
              ::testing::ElementsAre(beside, installed, below));
  EXPECT_THAT(refusal({"--plugins=none.so"}),
              StartsWith("--plugins: no plugin \"none.so\"; looked for /nonexistent/none.so"));
}

TEST_F(OptionsTest, PrintedConfigurationReadsBackTheSame) {
  const std::string plugin = write("p.so", "");
  const auto printed = read({"--print-config", "--max-pending=5", "--retention=90s", "--plugins=" + plugin,
                             "--executor=io.max_workers=2", "--log-level=warning"});
  ASSERT_TRUE(printed.has_value()) << printed.error();
  const Options again = accepted({"--config", write("printed.toml", printed->print)});
  EXPECT_EQ(print_settings(again), printed->print);
  EXPECT_EQ(again.limits.max_pending, 5U);
  EXPECT_EQ(again.executors[0].name, "io");
}

TEST_F(OptionsTest, EverySettingIsInTheHelp) {
  const auto help = read({"--help"});
  ASSERT_TRUE(help.has_value());
  for (const auto& row : settings()) EXPECT_THAT(help->print, HasSubstr(flag_name(row.name)));
  EXPECT_THAT(help->print, HasSubstr("Examples:"));
  EXPECT_THAT(read({"--version"})->print, StartsWith("futured "));
}

}  // namespace
}  // namespace futured::server
