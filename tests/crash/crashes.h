// Crashes: a daemon that dies in some way again and again, and is started again on the same address and data.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/crash/client.h"
#include "tests/support/daemon_process.h"

namespace futured::crash {

// Throws std::runtime_error where the daemon does not do what it must.
class Crashes {
 public:
  // `folder`: for the file of executions. `flags`: further ones.
  Crashes(Run& run, std::filesystem::path folder, std::filesystem::path data, std::vector<std::string> flags);

  // Begins the next life; `crash_point`: NAME:N, or empty.
  void start(const std::string& crash_point = "");
  // The same, with NAME=VALUE in its environment; empty: nothing.
  void start_with(const std::string& variable);
  // Returns the address, which is the same in all lives. What it throws tells how far the daemon has come.
  const std::string& wait_until_serving();
  // Tells the ledger that the daemon is about to die: Entry::kDeath or kPowerCut.
  void note_death(Entry how = Entry::kDeath);
  // Also notes it. It must not have ended by itself.
  void kill();
  // Kills one that may have ended by itself. Its death is noted, unless nobody knows when it died.
  void take_away();
  // Stops all of it, with nothing under way in the kernel, and lets it go on.
  void hold();
  void let_go() const { daemon_->send(SIGCONT); }
  // Waits for it to die at its crash point.
  void wait_for_death();
  // SIGTERM.
  void ask_to_end() const;
  // The same, after which it must end in order.
  void end_in_order();
  // How long a life is: about as long as it takes to start; until some work is done; so long that there is work whose
  // beginning is surely safe.
  enum class Span { kEarly, kUsual, kLong };
  // Returns at a random moment of the life that has begun.
  void live(Span span, std::mt19937_64& random);
  // The life that began last, until it is known to have ended.
  testing::DaemonProcess& daemon() { return *daemon_; }

  // Of those that were killed and taken away, how many had not come so far that they served.
  std::uint64_t died_early() const { return died_early_; }
  const std::filesystem::path& data() const { return data_; }
  std::filesystem::path database() const { return data_ / "futured.db"; }

 private:
  bool serves() const;
  std::string why_it_does_not_serve();
  void bury();
  void wait_for_some(std::mt19937_64& random) const;

  Run& run_;
  const std::filesystem::path folder_;
  const std::filesystem::path data_;
  const std::vector<std::string> flags_;
  const std::string address_;
  std::unique_ptr<testing::DaemonProcess> daemon_;
  Clock::time_point started_;
  // As measured last.
  Clock::duration time_to_start_{0};
  std::uint64_t died_early_ = 0;
};

// What SQLite's integrity_check says of the database of a daemon that does not run: "ok".
std::string integrity_of(const std::filesystem::path& database);

}  // namespace futured::crash
