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
  // Returns the address, which is the same in all lives.
  const std::string& wait_until_serving();
  // It must not have ended by itself.
  void kill();
  // The same, of one that may have.
  void take_away();
  // Waits for it to die at its crash point.
  void wait_for_death();
  // SIGTERM.
  void ask_to_end() const;
  // The same, after which it must end in order.
  void end_in_order();
  // The life that began last, until it is known to have ended.
  testing::DaemonProcess& daemon() { return *daemon_; }
  // Returns at a random moment of the life that has begun, perhaps before it serves.
  void live(std::mt19937_64& random);

  const std::filesystem::path& data() const { return data_; }
  std::filesystem::path database() const { return data_ / "futured.db"; }

 private:
  Run& run_;
  const std::filesystem::path folder_;
  const std::filesystem::path data_;
  const std::vector<std::string> flags_;
  std::string address_ = "127.0.0.1:0";
  std::unique_ptr<testing::DaemonProcess> daemon_;
};

// What SQLite's integrity_check says of the database of a daemon that does not run: "ok".
std::string integrity_of(const std::filesystem::path& database);

}  // namespace futured::crash
