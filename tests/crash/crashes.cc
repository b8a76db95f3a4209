#include "tests/crash/crashes.h"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include "server/store/sqlite.h"
#include "tests/crash/place.h"
#include "tests/crash/tasks.h"

namespace futured::crash {
namespace {

// The length of a life is measured by what it does, so that a slow machine has as much to lose.
constexpr double kMeanAcknowledgements = 600;
constexpr auto kLongestLife = std::chrono::seconds(2);
// So long that what is told of its beginning is surely safe at its end.
constexpr auto kLongLife = std::chrono::milliseconds(1000);
// Of the time to start, in which lives that end early do.
constexpr double kEarly = 1.5;

using Milliseconds = std::chrono::duration<double, std::milli>;

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

// "State: D (disk sleep)", say; empty for a process or thread that is gone.
std::string state_of(const std::filesystem::path& directory) {
  std::istringstream status(text_of(directory / "status"));
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("State:")) return line;
  }
  return "";
}

std::filesystem::path directory_of(pid_t pid) { return "/proc/" + std::to_string(pid); }

// Whether each of its threads is.
bool is_stopped(pid_t pid) {
  for (const auto& thread : std::filesystem::directory_iterator(directory_of(pid) / "task")) {
    if (state_of(thread.path()).find('T') == std::string::npos) return false;
  }
  return true;
}

}  // namespace

Crashes::Crashes(Run& run, std::filesystem::path folder, std::filesystem::path data, std::vector<std::string> flags)
    : run_(run),
      folder_(std::move(folder)),
      data_(std::move(data)),
      flags_(std::move(flags)),
      address_("127.0.0.1:" + std::to_string(unused_port())) {}

void Crashes::start(const std::string& crash_point) {
  start_with(crash_point.empty() ? "" : "FUTURED_CRASH_AT=" + crash_point);
}

void Crashes::start_with(const std::string& variable) {
  const std::uint64_t life = ++run_.lives;
  const std::string executions = std::to_string(life) + " " + (folder_ / "executions").string();
  std::vector<std::string> flags{"--listen=" + address_, "--data-dir=" + data_.string(),
                                 std::string("--plugins=") + CRASH_PLUGIN, "--log-level=warning",
                                 "--executor=thread.kind=thread", "--executor=cpu.kind=process",
                                 "--executor=thread.max_workers=" + std::to_string(kThreadWorkers),
                                 "--executor=cpu.max_workers=" + std::to_string(kProcessWorkers),
                                 "--executor=cpu.environment=" + std::string(kExecutionsVariable),
                                 // Small, so that checkpoints come under load.
                                 "--wal-limit=256KiB"};
  flags.insert(flags.end(), flags_.begin(), flags_.end());
  std::vector<std::string> environment{std::string(kExecutionsVariable) + "=" + executions};
  if (!variable.empty()) environment.push_back(variable);
  const Fact begins = note(0, Entry::kLife);
  run_.ledger.append({&begins, 1});
  started_ = Clock::now();
  daemon_ = std::make_unique<testing::DaemonProcess>(flags, environment);
}

const std::string& Crashes::wait_until_serving() {
  const bool knew = serves();
  if (daemon_->address().empty()) throw std::runtime_error(why_it_does_not_serve());
  if (!knew) time_to_start_ = Clock::now() - started_;
  return address_;
}

std::string Crashes::why_it_does_not_serve() {
  const Milliseconds elapsed = Clock::now() - started_;
  std::ostringstream why;
  why << "the daemon does not start: after " << elapsed.count() << " ms it ";
  const std::string state = state_of(directory_of(daemon_->pid()));
  if (state.empty() || state.find('Z') != std::string::npos) {
    why << "has ended with exit code " << daemon_->exit_code().value_or(-1);
  } else {
    why << "is alive, " << state << ", in " << text_of(directory_of(daemon_->pid()) / "wchan");
  }
  why << "\n" << daemon_->output();
  return why.str();
}

bool Crashes::serves() const { return std::filesystem::exists(daemon_->directory() / "port"); }

void Crashes::note_death(Entry how) {
  const Fact ends = note(0, how);
  run_.ledger.append({&ends, 1});
}

void Crashes::bury() {
  if (!serves()) ++died_early_;
  daemon_.reset();
}

void Crashes::kill() {
  note_death();
  daemon_->send(SIGKILL);
  const auto code = daemon_->exit_code();
  if (code != 128 + SIGKILL) throw std::runtime_error("the daemon ended by itself:\n" + daemon_->output());
  bury();
}

void Crashes::take_away() {
  daemon_->send(SIGKILL);
  daemon_->exit_code();
  bury();
}

void Crashes::hold() {
  daemon_->send(SIGSTOP);
  if (!testing::eventually([&] { return is_stopped(daemon_->pid()); })) throw std::runtime_error("it does not stop");
}

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

void Crashes::live(Span span, std::mt19937_64& random) {
  if (span == Span::kEarly) {
    std::uniform_real_distribution<double> part(0, kEarly);
    std::this_thread::sleep_for(time_to_start_ * part(random));
    return;
  }
  wait_until_serving();
  if (span == Span::kLong) {
    std::this_thread::sleep_for(kLongLife);
  } else {
    wait_for_some(random);
  }
  std::uniform_real_distribution<double> milliseconds(0, 5);
  std::this_thread::sleep_for(Milliseconds(milliseconds(random)));
}

void Crashes::wait_for_some(std::mt19937_64& random) const {
  std::exponential_distribution<double> acknowledgements(1.0 / kMeanAcknowledgements);
  const auto enough = run_.ledger.count(Entry::kAccepted) + static_cast<std::uint64_t>(acknowledgements(random));
  const auto patience = Clock::now() + kLongestLife;
  while (run_.ledger.count(Entry::kAccepted) < enough && Clock::now() < patience) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

std::string integrity_of(const std::filesystem::path& database) {
  auto connection = store::Connection::open(database, SQLITE_OPEN_READWRITE, "");
  if (!connection) return connection.error().message;
  const auto found = connection->query_text("PRAGMA integrity_check");
  return found ? *found : found.error().message;
}

}  // namespace futured::crash
