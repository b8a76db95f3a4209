// futured-crash: kills a daemon under load again and again, and judges it by what its clients were told.
//
//   futured-crash kill --cycles 2000
//   futured-crash points
//   futured-crash power-cut --cycles 500
//   futured-crash faults --cycles 16
//   futured-crash read-only --cycles 50
//
// Ends with the figures, and with exit code 0 only if nothing was lost, nothing told twice differently, nothing run
// beyond what was allowed, and if there was enough to lose.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <random>
#include <string>

#include "tests/crash/faults.h"
#include "tests/crash/scenario.h"

namespace futured::crash {
namespace {

int main(int argc, char** argv) {
  CLI::App app("Kills a daemon under load again and again, and judges it by what its clients were told.",
               "futured-crash");
  Settings settings;
  settings.seed = std::random_device{}();
  if (const char* seed = std::getenv("FUTURED_TEST_SEED")) settings.seed = std::stoull(seed);
  app.require_subcommand(1);
  CLI::App* kill = app.add_subcommand("kill", "Kill -9 at random moments");
  kill->add_option("--cycles", settings.cycles, "Lives of the daemon (default: 200)");
  kill->add_option("--least", settings.least,
                   "Acknowledged submissions of each life, in the mean, for the run to count");
  CLI::App* points = app.add_subcommand("points", "Death at each named point");
  points->add_option("--point", settings.point, "This one only");
  CLI::App* power_cut = app.add_subcommand("power-cut", "A file system that loses what was not synced; needs root");
  power_cut->add_option("--cycles", settings.cycles, "Cuts (default: 200)");
  power_cut->add_option("--least", settings.least, "As for kill");
  power_cut->add_flag("--unsafe", settings.unsafe,
                      "The daemon does not sync: succeeds only if something is lost, and so tests the test");
  FaultSettings faults;
  CLI::App* fault = app.add_subcommand("faults", "The N-th write, sync, ... of the store fails, once and for ever");
  fault->add_option("--kind", faults.kind, "This one only: write, sync, truncate, open, delete, read");
  fault->add_option("--cycles", faults.places, "How many N of each kind, at most (default: 8)");
  CLI::App* read_only = app.add_subcommand("read-only", "A file system that becomes read-only; needs root");
  read_only->add_option("--cycles", faults.turns, "Times that it does (default: 10)");
  app.add_option("--seed", settings.seed, "Of what is random");
  try {
    app.parse(argc, argv);
    std::printf("seed %llu\n", static_cast<unsigned long long>(settings.seed));
    std::fflush(stdout);
    if (*kill) return run_kills(settings);
    if (*points) return run_points(settings);
    if (*fault) return run_faults(faults);
    if (*read_only) return run_read_only(faults);
    return run_power_cuts(settings);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? EXIT_SUCCESS : 2;
  } catch (const std::exception& error) {
    std::cerr << "futured-crash: " << error.what() << std::endl;
    return EXIT_FAILURE;
  }
}

}  // namespace
}  // namespace futured::crash

int main(int argc, char** argv) { return futured::crash::main(argc, argv); }
