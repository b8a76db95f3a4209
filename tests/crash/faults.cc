#include "tests/crash/faults.h"

#include <array>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "tests/crash/power.h"
#include "tests/crash/scenario.h"
#include "tests/support/temporary_directory.h"

namespace futured::crash {
namespace {

using testing::eventually;

// Acknowledgements and outcomes of a life without faults.
constexpr std::uint64_t kTraffic = 50;
// Acknowledgements for each operation that is waited for; commits take many at once.
constexpr std::uint64_t kTrafficForEach = 200;

struct Kind {
  const char* name;
  // What became of the files is unknown: nothing may be acknowledged any more.
  bool must_stop;
};
constexpr Kind kKinds[] = {{"write", true}, {"sync", true},    {"truncate", false},
                           {"open", false}, {"delete", false}, {"read", false}};

enum class Effect { kNotMet, kRefused, kStopped, kWentOn };
constexpr const char* kEffects[] = {"not met", "refused to start", "stopped", "went on"};

[[noreturn]] void fail(const std::string& what, const testing::DaemonProcess& daemon) {
  throw std::runtime_error("the daemon " + what + ":\n" + daemon.output());
}

bool wrote(const testing::DaemonProcess& daemon, const std::string& text) {
  return daemon.output().find(text) != std::string::npos;
}

// As fault_vfs.cc says it.
bool met_fault(const testing::DaemonProcess& daemon) { return wrote(daemon, "FUTURED_FAULT_AT"); }

// Until the daemon has ended by an error, which it must explain by what is on this disk.
void expect_failure(testing::DaemonProcess& daemon, const std::filesystem::path& data) {
  const auto code = daemon.exit_code();
  if (code != EXIT_FAILURE) fail(code ? "ended with code " + std::to_string(*code) : "has not ended", daemon);
  if (!wrote(daemon, data.string())) fail("does not name what failed", daemon);
}

// A life with a fault, and one without.
class Lives {
 public:
  Lives(Run& run, Crashes& crashes) : run_(run), crashes_(crashes) {}

  // `traffic`: acknowledgements after which a fault that was not met never will be.
  Effect with_fault(const Kind& kind, const std::string& fault, std::uint64_t traffic) {
    crashes_.start_with("FUTURED_FAULT_AT=" + fault);
    auto& daemon = crashes_.daemon();
    const bool served = !daemon.address().empty();
    // SQLite does without some writes while it begins a new database.
    const bool met_before = met_fault(daemon);
    const auto enough = run_.ledger.count(Entry::kAccepted) + traffic;
    const bool in_time =
        served && eventually([&] { return met_fault(daemon) || run_.ledger.count(Entry::kAccepted) >= enough; });
    if (served && !in_time) fail("neither meets the fault nor serves", daemon);
    const bool must_stop = kind.must_stop && !met_before && met_fault(daemon);
    if (served && !must_stop) daemon.send(SIGTERM);
    const Effect effect = judge(served, must_stop);
    crashes_.take_away();
    ++effects_[static_cast<std::size_t>(effect)];
    return effect;
  }
  void without_fault(std::uint64_t traffic, bool in_order) {
    crashes_.start();
    run_.address = crashes_.wait_until_serving();
    if (traffic > 0) wait_for_traffic(run_, traffic);
    in_order ? crashes_.end_in_order() : crashes_.kill();
  }
  std::uint64_t count(Effect effect) const { return effects_[static_cast<std::size_t>(effect)]; }

 private:
  Effect judge(bool served, bool must_stop) {
    auto& daemon = crashes_.daemon();
    const auto code = daemon.exit_code();
    if (code == EXIT_SUCCESS && served && !must_stop) return met_fault(daemon) ? Effect::kWentOn : Effect::kNotMet;
    expect_failure(daemon, crashes_.data());
    if (!met_fault(daemon)) fail("failed without a fault", daemon);
    return served ? Effect::kStopped : Effect::kRefused;
  }

  Run& run_;
  Crashes& crashes_;
  std::array<std::uint64_t, std::size(kEffects)> effects_{};
};

// Of each kind, N = 1, 2, 3, 5, 8, ... until there is no N-th operation: `meet` says whether there was.
template <class Meet>
void for_each_fault(const FaultSettings& settings, const Meet& meet) {
  for (const Kind& kind : kKinds) {
    if (!settings.kind.empty() && settings.kind != kind.name) continue;
    for (const std::string_view how_long : {"", ":ever"}) {
      std::uint64_t n = 1;
      std::uint64_t next = 2;
      for (int place = 0; place < settings.places; ++place) {
        if (!meet(kind, std::string(kind.name) + ":" + std::to_string(n) + std::string(how_long), n)) break;
        n = std::exchange(next, n + next);
      }
    }
  }
}

void tell(const std::string& fault, Effect effect) {
  std::cout << fault << ": " << kEffects[static_cast<std::size_t>(effect)] << std::endl;
}

void meet_while_new(const FaultSettings& settings, Crashes& crashes, Lives& lives) {
  for_each_fault(settings, [&](const Kind& kind, const std::string& fault, std::uint64_t) {
    std::filesystem::remove_all(crashes.data());
    const Effect effect = lives.with_fault(kind, fault, 0);
    tell("new database, " + fault, effect);
    lives.without_fault(0, false);
    return effect != Effect::kNotMet;
  });
}

void meet_under_load(const FaultSettings& settings, Lives& lives) {
  bool in_order = false;
  for_each_fault(settings, [&](const Kind& kind, const std::string& fault, std::uint64_t n) {
    const Effect effect = lives.with_fault(kind, fault, kTrafficForEach * (n + 1));
    tell(fault, effect);
    lives.without_fault(kTraffic, in_order);
    in_order = !in_order;
    return effect != Effect::kNotMet;
  });
}

}  // namespace

int run_faults(const FaultSettings& settings) {
  const testing::TemporaryDirectory temporary;
  const std::filesystem::path folder = temporary.path();
  Run run(folder);
  Crashes crashes(run, folder, folder / "data", {});
  Lives lives(run, crashes);
  meet_while_new(settings, crashes, lives);
  Load load(run);
  meet_under_load(settings, lives);
  std::uint64_t met = 0;
  for (const Effect effect : {Effect::kRefused, Effect::kStopped, Effect::kWentOn}) {
    std::cout << kEffects[static_cast<std::size_t>(effect)] << ": " << lives.count(effect) << "\n";
    met += lives.count(effect);
  }
  const int code = finish(run, crashes, load, folder, kTraffic * met);
  if (met == 0) std::cout << "no fault was met: this test finds nothing\n";
  return met > 0 ? code : EXIT_FAILURE;
}

int run_read_only(const FaultSettings& settings) {
  const testing::TemporaryDirectory temporary;
  const std::filesystem::path folder = temporary.path();
  const std::unique_ptr<Disk> disk = make_disk(folder);
  if (!disk) return kSkipped;
  Run run(folder);
  Crashes crashes(run, folder, disk->path() / "data", {});
  crashes.start();
  run.address = crashes.wait_until_serving();
  Load load(run);
  for (int turn = 0; turn < settings.turns; ++turn) {
    wait_for_traffic(run, kTrafficForEach);
    crashes.note_death();
    // Linux 6.18 was seen to tell that a sync succeeded which came while the file system was becoming read-only, and
    // had written nothing.
    crashes.hold();
    disk->turn_read_only();
    crashes.let_go();
    expect_failure(crashes.daemon(), crashes.data());
    crashes.start();
    expect_failure(crashes.daemon(), crashes.data());
    if (!wrote(crashes.daemon(), "Read-only file system")) fail("does not say why it does not start", crashes.daemon());
    crashes.take_away();
    disk->power_up();
    crashes.start();
    crashes.wait_until_serving();
  }
  crashes.kill();
  std::cout << settings.turns << " times read-only\n";
  return finish(run, crashes, load, folder, kTrafficForEach * static_cast<std::uint64_t>(settings.turns));
}

}  // namespace futured::crash
