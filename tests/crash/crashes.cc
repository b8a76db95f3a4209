#include "tests/crash/crashes.h"

#include <algorithm>
#include <csignal>
#include <stdexcept>
#include <thread>
#include <utility>

#include "server/store/sqlite.h"

namespace futured::crash {
namespace {

// The length of a life is measured by what it does, so that a slow machine has as much to lose.
constexpr double kMeanAcknowledgements = 600;
constexpr auto kLongestLife = std::chrono::seconds(2);

}  // namespace

Crashes::Crashes(Run& run, std::filesystem::path folder, std::filesystem::path data, std::vector<std::string> flags)
    : run_(run), folder_(std::move(folder)), data_(std::move(data)), flags_(std::move(flags)) {}

void Crashes::start(const std::string& crash_point) {
  start_with(crash_point.empty() ? "" : "FUTURED_CRASH_AT=" + crash_point);
}

void Crashes::start_with(const std::string& variable) {
  const std::uint64_t life = ++run_.lives;
  const std::string executions = std::to_string(life) + " " + (folder_ / "executions").string();
  std::vector<std::string> flags{
      "--listen=" + address_,          "--data-dir=" + data_.string(),
      "--plugins=" CRASH_PLUGIN,       "--log-level=warning",
      "--executor=thread.kind=thread", "--executor=cpu.kind=process",
      "--executor=cpu.max_workers=2",  "--executor=cpu.environment=" + std::string(kExecutionsVariable)};
  flags.insert(flags.end(), flags_.begin(), flags_.end());
  std::vector<std::string> environment{std::string(kExecutionsVariable) + "=" + executions};
  if (!variable.empty()) environment.push_back(variable);
  const Fact begins = note(0, Entry::kLife);
  run_.ledger.append({&begins, 1});
  daemon_ = std::make_unique<testing::DaemonProcess>(flags, environment);
}

const std::string& Crashes::wait_until_serving() {
  const std::string address = daemon_->address();
  if (address.empty()) throw std::runtime_error("the daemon does not start: " + daemon_->output());
  return address_ = address;
}

void Crashes::kill() {
  daemon_->send(SIGKILL);
  const auto code = daemon_->exit_code();
  if (code != 128 + SIGKILL) throw std::runtime_error("the daemon ended by itself:\n" + daemon_->output());
  daemon_.reset();
}

void Crashes::take_away() { daemon_.reset(); }

void Crashes::wait_for_death() {
  const auto code = daemon_->exit_code();
  if (code != 128 + SIGKILL) {
    throw std::runtime_error("the daemon did not die at its crash point: " +
                             (code ? "exit code " + std::to_string(*code) : "it was never passed") + "\n" +
                             daemon_->output());
  }
  daemon_.reset();
}

void Crashes::ask_to_end() const { daemon_->send(SIGTERM); }

void Crashes::end_in_order() {
  ask_to_end();
  const auto code = daemon_->exit_code();
  if (code != 0) {
    throw std::runtime_error("the daemon did not end in order: " + (code ? "exit code " + std::to_string(*code) : "") +
                             "\n" + daemon_->output());
  }
  daemon_.reset();
}

void Crashes::live(std::mt19937_64& random) {
  // Now and then it dies before it serves.
  std::uniform_real_distribution<double> milliseconds(0, 5);
  if (random() % 16 != 0) {
    wait_until_serving();
    std::exponential_distribution<double> acknowledgements(1.0 / kMeanAcknowledgements);
    const auto enough = run_.ledger.count(Entry::kAccepted) + static_cast<std::uint64_t>(acknowledgements(random));
    const auto patience = Clock::now() + kLongestLife;
    while (run_.ledger.count(Entry::kAccepted) < enough && Clock::now() < patience) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(milliseconds(random)));
}

std::string integrity_of(const std::filesystem::path& database) {
  auto connection = store::Connection::open(database, SQLITE_OPEN_READWRITE, "");
  if (!connection) return connection.error().message;
  const auto found = connection->query_text("PRAGMA integrity_check");
  return found ? *found : found.error().message;
}

}  // namespace futured::crash
