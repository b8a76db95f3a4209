// futured-bench: named scenarios, a line for each figure, beside bare gRPC in the same run.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <iostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/scenarios.h"

namespace futured::bench {
namespace {

constexpr const char* kAbout =
    "Measures futured beside bare gRPC on the same machine in the same run.\n"
    "Prints `scenario metric value unit`; a ratio is of futured's figure to that of bare gRPC.";

void list() {
  for (const Scenario& scenario : kScenarios) {
    std::printf("%-18s %s\n", std::string(scenario.name).c_str(), std::string(scenario.help).c_str());
  }
}

// The scenario of that name, or those whose names begin with it. Empty: none.
std::vector<Scenario> matching(std::string_view name) {
  std::vector<Scenario> found;
  for (const Scenario& scenario : kScenarios) {
    if (scenario.name == name) return {scenario};
    if (scenario.name.starts_with(name)) found.push_back(scenario);
  }
  return found;
}

// Names that match nothing are reported by CLI11 as bad usage.
std::vector<Scenario> chosen(const std::vector<std::string>& names) {
  if (names.empty()) return {std::begin(kScenarios), std::end(kScenarios)};
  std::vector<Scenario> all;
  for (const std::string& name : names) {
    const auto found = matching(name);
    if (found.empty()) throw CLI::ValidationError("no scenario is called '" + name + "'; --list shows them");
    all.insert(all.end(), found.begin(), found.end());
  }
  return all;
}

// Runs all, also after one that fails. Returns the exit code.
int run(std::span<const Scenario> scenarios, Bench& bench) {
  int code = EXIT_SUCCESS;
  for (const Scenario& scenario : scenarios) {
    try {
      bench.report.begin(scenario.name);
      scenario.run(bench);
    } catch (const std::exception& error) {
      std::cerr << "futured-bench: " << scenario.name << ": " << error.what() << std::endl;
      code = EXIT_FAILURE;
    }
  }
  bench.report.end();
  return code;
}

int main(int argc, char** argv) {
  CLI::App app(kAbout, "futured-bench");
  std::vector<std::string> names;
  std::string address;
  double seconds = 5;
  bool json = false;
  bool only_list = false;
  bool echo_server = false;
  app.add_option("SCENARIO", names, "What to measure, by its name or the beginning of names (default: everything)");
  app.add_flag("--json", json, "Print one JSON document at the end instead of lines");
  app.add_option("--seconds", seconds, "How long to measure in each scenario, at least one round (default: 5)")
      ->check(CLI::Range(0.01, 3600.0));
  app.add_option("--address", address,
                 "Of a running daemon with the bench's plugin (default: start one). memory_1m, metrics, dashboard, "
                 "waiters_10k, recovery and durable_* always start their own");
  app.add_flag("--list", only_list, "List the scenarios");
  // For this program's own child process.
  app.add_flag(EchoProcess::kFlag, echo_server)->group("");
  try {
    app.parse(argc, argv);
    if (echo_server) {
      serve_echo();
      return EXIT_SUCCESS;
    }
    if (only_list) {
      list();
      return EXIT_SUCCESS;
    }
    const auto scenarios = chosen(names);
    Report report(json ? Report::Form::kJson : Report::Form::kLines);
    Bench bench(report, Seconds(seconds), address);
    return run(scenarios, bench);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? EXIT_SUCCESS : 2;
  } catch (const std::exception& error) {
    std::cerr << "futured-bench: " << error.what() << std::endl;
    return EXIT_FAILURE;
  }
}

}  // namespace
}  // namespace futured::bench

int main(int argc, char** argv) { return futured::bench::main(argc, argv); }
