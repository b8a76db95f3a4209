// futured: the daemon.
#include <absl/synchronization/mutex.h>
#include <google/protobuf/stubs/logging.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>

#include "server/grpc_log.h"
#include "server/log.h"
#include "server/open_store.h"
#include "server/options.h"
#include "server/server.h"
#include "server/service_manager.h"

namespace {

namespace server = futured::server;

constexpr timespec kFarewell{0, 300'000'000};

// An operator has asked for the end, by a call. Unlike SIGTERM it may come again, and changes nothing then.
const int kEndAsked = SIGRTMIN;

// Blocked in all threads and taken by the main thread alone. Three are our own, SIGUSR1: the drain has ended; SIGUSR2:
// the store has failed; kEndAsked.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, kEndAsked}) sigaddset(&signals, signal);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  // Writes that fail say so themselves: to who has gone away, or beyond a limit of the system.
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
  return signals;
}

// False: the store has failed.
bool wait_for_end(const sigset_t& signals, server::Server& daemon, server::Logger& logger) {
  for (int signal = 0; signal != SIGTERM && signal != SIGINT && signal != kEndAsked;) {
    sigwait(&signals, &signal);
    if (signal == SIGUSR2) return false;
    if (signal != SIGHUP) continue;
    logger.info("SIGHUP: reading files again");
    daemon.reload();
  }
  return true;
}

// Ends the server; a second signal or a hang ends the process. Returns the exit code.
int drain(server::Server& daemon, const server::Options& options, const sigset_t& signals, server::Logger& logger) {
  // Shared with a thread that may outlive this call.
  const auto clean = std::make_shared<std::atomic<bool>>(false);
  std::thread drainer([clean, &daemon, grace = options.drain_grace, main = pthread_self()] {
    *clean = daemon.stop(grace);
    pthread_kill(main, SIGUSR1);
  });
  const auto limit = std::chrono::duration_cast<std::chrono::seconds>(options.drain_grace + options.exit_margin);
  const timespec time{limit.count(), 0};
  int signal;
  do {
    signal = sigtimedwait(&signals, nullptr, &time);
  } while (signal == SIGHUP || signal == kEndAsked);
  if (signal == SIGUSR1) {
    drainer.join();
    return *clean ? EXIT_SUCCESS : EXIT_FAILURE;
  }
  drainer.detach();
  logger.warning(signal < 0          ? "the drain hangs, giving up"
                 : signal == SIGUSR2 ? "the store has failed, leaving at once"
                                     : "a second signal, leaving at once");
  return EXIT_FAILURE;
}

int serve(const server::Options& options) {
  const sigset_t signals = block_signals();
  const futured::core::SystemClock clock;
  server::Logger logger({options.log_level, options.log_format}, clock);
  const server::GrpcLog grpc_log(logger);
  auto daemon = std::make_unique<server::Server>(
      options, logger,
      server::Server::Ends{[main = pthread_self()] { pthread_kill(main, SIGUSR2); },
                           [main = pthread_self()] { pthread_kill(main, kEndAsked); }});
  if (const auto started = daemon->start(); !started) {
    std::fprintf(stderr, "futured: %s\n", started.error().c_str());
    return EXIT_FAILURE;
  }
  const server::ServiceManager manager(server::real_surroundings().getenv("NOTIFY_SOCKET"));
  manager.ready();
  const bool failed = !wait_for_end(signals, *daemon, logger);
  manager.stopping(options.drain_grace + options.exit_margin);
  if (failed) {
    daemon->tell_that_it_failed();
    // Until those who watch its health have heard of it, or somebody is in a hurry.
    sigtimedwait(&signals, nullptr, &kFarewell);
  }
  const int code = failed ? EXIT_FAILURE : drain(*daemon, options, signals, logger);
  logger.info("bye", {{"code", code}});
  if (code == EXIT_SUCCESS) return code;
  // Threads are still inside functions, or the drain is: nothing of it can be destroyed.
  logger.flush();
  std::_Exit(code);
}

int back_up(const server::CommandLine& line) {
  const auto done = server::back_up_store(line.options, line.backup);
  if (done) return EXIT_SUCCESS;
  std::fprintf(stderr, "futured: %s\n", done.error().message.c_str());
  return EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  // Debian's abseil is built to look for deadlocks at each lock of gRPC. What it writes down for that is never given
  // back: 50 MiB after 60,000 streams were open at once.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  // Malformed messages are answered, and no reason to write to standard error.
  google::protobuf::SetLogHandler(nullptr);
  const auto read = server::read_options(argc, argv, server::real_surroundings());
  if (!read) {
    std::fprintf(stderr, "futured: %s\n", read.error().c_str());
    return 2;
  }
  if (!read->print.empty()) {
    std::fputs(read->print.c_str(), stdout);
    return EXIT_SUCCESS;
  }
  return read->backup.empty() ? serve(read->options) : back_up(*read);
}
