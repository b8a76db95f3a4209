#include "tests/crash/scenario.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/crash/crashes.h"
#include "tests/crash/load.h"
#include "tests/crash/place.h"
#include "tests/crash/points.h"
#include "tests/crash/power.h"
#include "tests/crash/verdict.h"
#include "tests/support/temporary_directory.h"

namespace futured::crash {
namespace {

// Acknowledgements and outcomes between two deaths at points.
constexpr std::uint64_t kTrafficBetween = 300;
// Runs of fewer crashes need not meet everything.
constexpr int kEnoughCycles = 50;
// Deaths one after the other, most of them before the daemon serves, once in a run.
constexpr int kEarlyDeaths = 20;
constexpr int kCyclesOfOneLong = 16;

Verdict conclude(const std::filesystem::path& folder) {
  Verdict verdict = judge(read_facts(folder / "ledger"), read_executions(folder / "executions"));
  std::cout << describe(verdict) << std::flush;
  return verdict;
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

bool met_at_least(const Verdict& verdict, std::uint64_t least) {
  if (verdict.accepted >= least) return true;
  std::cout << "too little to judge: " << verdict.accepted << " acknowledged of " << least << "\n";
  return false;
}

bool is_intact(const Crashes& crashes) {
  const std::string integrity = integrity_of(crashes.database());
  std::cout << "integrity_check: " << integrity << "\n";
  return integrity == "ok";
}

// Whether the run has met what it is to meet. Few cycles need only acknowledge enough.
bool met_enough(const Verdict& verdict, const Settings& settings) {
  const std::uint64_t least = settings.least * static_cast<std::uint64_t>(settings.cycles);
  if (settings.cycles < kEnoughCycles) return met_at_least(verdict, least);
  const std::vector<std::string> names = missing(verdict, least);
  for (const std::string& name : names) std::cout << "too little to judge: " << name << "\n";
  return names.empty();
}

// Also tells what was found.
bool all_is_well(const Run& run, const Crashes& crashes, const Verdict& verdict) {
  const bool calm = had_no_trouble(run);
  return is_intact(crashes) && verdict.holds() && calm;
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

// Lives and deaths: `die` ends one life.
void die_again_and_again(Crashes& crashes, const Settings& settings, const std::function<void()>& die) {
  std::mt19937_64 random(settings.seed);
  const auto live_and_die = [&](Crashes::Span span) {
    crashes.live(span, random);
    die();
    crashes.start();
  };
  for (int cycle = 0; cycle < settings.cycles; ++cycle) {
    const bool is_long = cycle % kCyclesOfOneLong == kCyclesOfOneLong / 2;
    live_and_die(is_long ? Crashes::Span::kLong : random() % 16 == 0 ? Crashes::Span::kEarly : Crashes::Span::kUsual);
    if (cycle != settings.cycles / 2) continue;
    for (int i = 0; i < kEarlyDeaths; ++i) live_and_die(Crashes::Span::kEarly);
  }
  crashes.kill();
}

// A future, or an outcome that was told: without it the call runs again, and ends otherwise. What did not end is not
// enough: the daemon may have been too slow.
bool has_lost(const Verdict& verdict) {
  const bool lost = verdict.unknown + verdict.two_outcomes + verdict.wrong_outcomes > 0;
  std::cout << (lost ? "lost, as it must without syncs\n" : "nothing lost: this test finds nothing\n");
  return lost;
}

// In a run of any length, as there are always some that come early.
bool some_died_early(const Crashes& crashes) {
  std::cout << crashes.died_early() << " lives ended before they served\n";
  return crashes.died_early() > 0;
}

}  // namespace

void wait_for_traffic(const Run& run, std::uint64_t some) {
  const auto target = run.ledger.count(Entry::kAccepted) + some;
  const auto told = run.ledger.count(Entry::kOutcome) + some;
  const auto patience = Clock::now() + testing::kPatience;
  while (run.ledger.count(Entry::kAccepted) < target || run.ledger.count(Entry::kOutcome) < told) {
    if (Clock::now() > patience) throw std::runtime_error("the clients do not get on");
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

int finish(const Run& run, Crashes& crashes, Load& load, const std::filesystem::path& folder, std::uint64_t least) {
  end(crashes, load);
  const Verdict verdict = conclude(folder);
  const bool enough = met_at_least(verdict, least);
  return all_is_well(run, crashes, verdict) && enough ? EXIT_SUCCESS : EXIT_FAILURE;
}

int run_kills(const Settings& settings) {
  const testing::TemporaryDirectory temporary;
  const std::filesystem::path folder = temporary.path();
  Run run(folder);
  Crashes crashes(run, folder, folder / "data", {});
  crashes.start();
  run.address = crashes.wait_until_serving();
  Load load(run);
  die_again_and_again(crashes, settings, [&] { crashes.kill(); });
  end(crashes, load);
  const Verdict verdict = conclude(folder);
  const bool enough = met_enough(verdict, settings);
  const bool early = some_died_early(crashes);
  return all_is_well(run, crashes, verdict) && enough && early ? EXIT_SUCCESS : EXIT_FAILURE;
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
  std::cout << tried << " points\n";
  const int code = finish(run, crashes, load, folder, kTrafficBetween * tried);
  return tried > 0 ? code : EXIT_FAILURE;
}

int run_power_cuts(const Settings& settings) {
  const testing::TemporaryDirectory temporary(fast_folder());
  const std::filesystem::path folder = temporary.path();
  const std::unique_ptr<Disk> disk = make_disk(folder);
  if (!disk) return kSkipped;
  Run run(folder);
  std::vector<std::string> flags;
  if (settings.unsafe) flags.emplace_back("--sync-every-commit=false");
  Crashes crashes(run, folder, disk->path() / "data", flags);
  crashes.start();
  run.address = crashes.wait_until_serving();
  Load load(run);
  die_again_and_again(crashes, settings, [&] {
    crashes.note_death(Entry::kPowerCut);
    disk->cut();
    crashes.take_away();
    disk->power_up();
  });
  end(crashes, load);
  const Verdict verdict = conclude(folder);
  if (settings.unsafe) return has_lost(verdict) ? EXIT_SUCCESS : EXIT_FAILURE;
  const bool enough = met_enough(verdict, settings);
  const bool early = some_died_early(crashes);
  return all_is_well(run, crashes, verdict) && enough && early ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace futured::crash
