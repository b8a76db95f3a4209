#include "tests/crash/scenario.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/crash/crashes.h"
#include "tests/crash/load.h"
#include "tests/crash/points.h"
#include "tests/crash/power.h"
#include "tests/crash/verdict.h"
#include "tests/support/temporary_directory.h"

namespace futured::crash {
namespace {

// Acknowledgements and outcomes between two deaths at points.
constexpr std::uint64_t kTrafficBetween = 300;

Verdict conclude(const std::filesystem::path& folder) {
  const Verdict verdict = judge(read_facts(folder / "ledger"), read_executions(folder / "executions"));
  std::cout << describe(verdict) << std::flush;
  return verdict;
}

bool had_enough(const Verdict& verdict, std::uint64_t least) {
  if (verdict.accepted >= least) return true;
  std::cout << "too little to judge: " << least << " acknowledged are the least\n";
  return false;
}

bool had_no_trouble(const Run& run) {
  for (const std::string& what : run.troubles()) std::cout << "trouble: " << what << "\n";
  return run.troubles().empty();
}

// What follows the crashes: the daemon finishes everything, ends in order, and knows all of it in its next life.
void end(Crashes& crashes, Load& load) {
  crashes.start();
  crashes.wait_until_serving();
  load.finish();
  crashes.end_in_order();
  crashes.start();
  crashes.wait_until_serving();
  load.read_all_again();
  crashes.end_in_order();
}

bool is_intact(const Crashes& crashes) {
  const std::string integrity = integrity_of(crashes.database());
  std::cout << "integrity_check: " << integrity << "\n";
  return integrity == "ok";
}

// Also tells what was found.
bool all_is_well(const Run& run, const Crashes& crashes, const Verdict& verdict, std::uint64_t least) {
  const bool enough = had_enough(verdict, least);
  const bool calm = had_no_trouble(run);
  return is_intact(crashes) && verdict.holds() && enough && calm;
}

// Until the clients have got on by so many acknowledgements and outcomes.
void wait_for_traffic(const Run& run, std::uint64_t some) {
  const auto target = run.ledger.count(Entry::kAccepted) + some;
  const auto told = run.ledger.count(Entry::kOutcome) + some;
  const auto patience = Clock::now() + testing::kPatience;
  while (run.ledger.count(Entry::kAccepted) < target || run.ledger.count(Entry::kOutcome) < told) {
    if (Clock::now() > patience) throw std::runtime_error("the clients do not get on");
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

void die_at(Crashes& crashes, const Run& run, const Point& point) {
  std::cout << point.name << ":" << point.time << std::endl;
  crashes.start(point.name + (":" + std::to_string(point.time)));
  if (point.by == Point::By::kOrderlyEnd) {
    crashes.wait_until_serving();
    wait_for_traffic(run, 1);
    crashes.ask_to_end();
  }
  crashes.wait_for_death();
}

}  // namespace

int finish(const Run& run, Crashes& crashes, Load& load, const std::filesystem::path& folder, std::uint64_t least) {
  end(crashes, load);
  return all_is_well(run, crashes, conclude(folder), least) ? EXIT_SUCCESS : EXIT_FAILURE;
}

int run_kills(const Settings& settings) {
  const testing::TemporaryDirectory temporary;
  const std::filesystem::path folder = temporary.path();
  std::mt19937_64 random(settings.seed);
  Run run(folder);
  Crashes crashes(run, folder, folder / "data", {});
  crashes.start();
  run.address = crashes.wait_until_serving();
  Load load(run);
  for (int cycle = 0; cycle < settings.cycles; ++cycle) {
    crashes.live(random);
    crashes.kill();
    crashes.start();
  }
  crashes.kill();
  end(crashes, load);
  const Verdict verdict = conclude(folder);
  const auto least = settings.least * static_cast<std::uint64_t>(settings.cycles);
  return all_is_well(run, crashes, verdict, least) ? EXIT_SUCCESS : EXIT_FAILURE;
}

int run_points(const Settings& settings) {
  const testing::TemporaryDirectory temporary;
  const std::filesystem::path folder = temporary.path();
  Run run(folder);
  Crashes crashes(run, folder, folder / "data", {});
  const auto wanted = [&](const Point& point) { return settings.point.empty() || settings.point == point.name; };
  std::uint64_t tried = 0;
  for (const Point& point : kPoints) {
    if (point.by != Point::By::kNewDatabase || !wanted(point)) continue;
    die_at(crashes, run, point);
    ++tried;
  }
  crashes.start();
  run.address = crashes.wait_until_serving();
  Load load(run);
  wait_for_traffic(run, kTrafficBetween);
  for (const Point& point : kPoints) {
    if (point.by == Point::By::kNewDatabase || !wanted(point)) continue;
    crashes.kill();
    die_at(crashes, run, point);
    crashes.start();
    crashes.wait_until_serving();
    wait_for_traffic(run, kTrafficBetween);
    ++tried;
  }
  crashes.kill();
  end(crashes, load);
  std::cout << tried << " points\n";
  return all_is_well(run, crashes, conclude(folder), kTrafficBetween * tried) && tried > 0 ? EXIT_SUCCESS
                                                                                           : EXIT_FAILURE;
}

int run_power_cuts(const Settings& settings) {
  const testing::TemporaryDirectory temporary;
  const std::filesystem::path folder = temporary.path();
  std::unique_ptr<Disk> disk;
  try {
    disk = std::make_unique<Disk>(folder);
  } catch (const std::exception& error) {
    std::cout << "skipped: " << error.what() << "\n";
    return kSkipped;
  }
  std::mt19937_64 random(settings.seed);
  Run run(folder);
  std::vector<std::string> flags;
  if (settings.unsafe) flags.push_back("--sync-every-commit=false");
  Crashes crashes(run, folder, disk->path() / "data", flags);
  crashes.start();
  run.address = crashes.wait_until_serving();
  Load load(run);
  for (int cycle = 0; cycle < settings.cycles; ++cycle) {
    crashes.live(random);
    disk->cut();
    crashes.take_away();
    disk->power_up();
    crashes.start();
  }
  crashes.kill();
  end(crashes, load);
  const Verdict verdict = conclude(folder);
  const auto least = settings.least * static_cast<std::uint64_t>(settings.cycles);
  if (!settings.unsafe) return all_is_well(run, crashes, verdict, least) ? EXIT_SUCCESS : EXIT_FAILURE;
  std::cout << (verdict.lost > 0 ? "lost, as it must without syncs\n" : "nothing lost: this test finds nothing\n");
  return verdict.lost > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace futured::crash
