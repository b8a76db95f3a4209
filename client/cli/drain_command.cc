#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>
#include <optional>
#include <thread>

#include "client/cli/command.h"
#include "client/cli/connection.h"
#include "client/cli/json_value.h"
#include "client/cli/names.h"
#include "futured/v1/daemon_service.grpc.pb.h"

namespace futured::cli {
namespace {

using Stub = v1::DaemonService::Stub;

struct DrainOptions {
  bool wait = false;
  bool exit = false;
  bool undo = false;
};

constexpr const char* kFooter =
    "The daemon takes no more tasks and is not ready, by /readyz and by health checks. What runs goes on; what has "
    "not\n"
    "begun is left to the next daemon where this one stores futures, and else run. Clients of the SDKs, and "
    "futuredctl,\n"
    "wait for the next daemon. Prints the state: draining, drained, ending, gone, or serving.\n"
    "With --wait it ends when the daemon is drained, and with --exit as well when it is gone; --timeout limits that.\n"
    "\n"
    "Examples:\n"
    "  futuredctl drain                             # and look: futuredctl top\n"
    "  futuredctl drain --wait --timeout 10m        # until nothing runs\n"
    "  futuredctl drain --undo                      # serves again\n"
    "  futuredctl drain --exit                      # ends as on SIGTERM: what runs has the daemon's drain_grace\n"
    "  futuredctl drain --wait --exit               # ends once nothing runs, however long that takes";

// Between two looks.
constexpr auto kPause = std::chrono::milliseconds(100);
// --timeout limits the wait, and not the calls by which it looks.
constexpr auto kKind = Connection::Kind::kBeforeWait;

std::string state_of(const v1::Daemon& daemon) {
  return daemon.state() == v1::DAEMON_STATE_DRAINING && daemon.drained()
             ? "drained"
             : short_name(v1::DaemonState_Name(daemon.state()), "DAEMON_STATE_");
}

void print(const std::string& state, const v1::Daemon& daemon, const Globals& globals) {
  if (globals.json) {
    std::cout << dump({{"state", state},
                       {"running", daemon.running()},
                       {"pending", daemon.pending()},
                       {"keeps_futures", daemon.keeps_futures()},
                       {"version", daemon.version()}})
              << std::endl;
    return;
  }
  std::cout << state << ": " << daemon.running() << " running, " << daemon.pending() << " pending"
            << (daemon.keeps_futures() && daemon.pending() > 0 ? ", for the next daemon" : "") << std::endl;
}

class Drain {
 public:
  explicit Drain(const Globals& globals) : globals_(globals), connection_(globals) {}

  void undo() {
    v1::DaemonServiceResumeResponse response;
    connection_.check(connection_.attempt(&Stub::Resume, v1::DaemonServiceResumeRequest(), response, kKind));
    print(state_of(response.daemon()), response.daemon(), globals_);
  }
  void begin(bool exit) {
    v1::DaemonServiceDrainRequest request;
    request.set_exit(exit);
    v1::DaemonServiceDrainResponse response;
    connection_.check(connection_.attempt(&Stub::Drain, request, response, kKind));
    daemon_ = response.daemon();
  }
  void print_state() const { print(state_of(daemon_), daemon_, globals_); }
  void wait_until_drained() {
    while (!daemon_.drained()) {
      pause();
      v1::DaemonServiceGetResponse response;
      connection_.check(connection_.attempt(&Stub::Get, v1::DaemonServiceGetRequest(), response, kKind));
      daemon_ = response.daemon();
      if (daemon_.state() == v1::DAEMON_STATE_SERVING) {
        throw Failure(ExitCode::kRefused, "somebody has undone the drain");
      }
    }
  }
  // It does not answer any more, or another one does.
  void wait_until_gone() {
    for (;;) {
      v1::DaemonServiceGetResponse response;
      const grpc::Status status = connection_.attempt(&Stub::Get, v1::DaemonServiceGetRequest(), response, kKind);
      if (!status.ok() || response.daemon().epoch() != daemon_.epoch()) break;
      daemon_ = response.daemon();
      pause();
    }
    print("gone", daemon_, globals_);
  }

 private:
  void pause() const {
    const auto left = connection_.remaining();
    if (left == std::chrono::nanoseconds(0)) {
      throw Failure(ExitCode::kTimeout,
                    "the time is up; running: " + std::to_string(daemon_.running()) + "; the daemon goes on with it");
    }
    std::this_thread::sleep_for(left ? std::min<std::chrono::nanoseconds>(*left, kPause) : kPause);
  }

  const Globals& globals_;
  Connection connection_;
  v1::Daemon daemon_;
};

ExitCode drain(const DrainOptions& options, const Globals& globals) {
  Drain drain(globals);
  if (options.undo) {
    drain.undo();
    return ExitCode::kOk;
  }
  drain.begin(options.exit && !options.wait);
  if (options.wait) drain.wait_until_drained();
  drain.print_state();
  if (options.wait && options.exit) {
    drain.begin(true);
    drain.wait_until_gone();
  }
  return ExitCode::kOk;
}

}  // namespace

void add_drain(CLI::App& app, Action& chosen) {
  const auto options = std::make_shared<DrainOptions>();
  CLI::App* command = add_command(app, "drain", "Have the daemon make room for another one", kFooter, chosen,
                                  [options](const Globals& globals) { return drain(*options, globals); });
  CLI::Option* wait = command->add_flag("--wait", options->wait, "Wait until nothing runs");
  CLI::Option* exit = command->add_flag("--exit", options->exit, "Have it end, too");
  command->add_flag("--undo", options->undo, "Have it take tasks again")->excludes(wait)->excludes(exit);
}

}  // namespace futured::cli
