// What the clients of a crash test share: they go on while daemons come and go.
#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "futured/v1/future.pb.h"
#include "server/core/ids.h"
#include "tests/crash/records.h"
#include "tests/crash/tasks.h"

namespace futured::crash {

using Clock = std::chrono::steady_clock;

// Thread-safe.
class Run {
 public:
  explicit Run(const std::filesystem::path& folder) : ledger(folder / "ledger") {}

  // Something that no promise allows, apart from what the ledger shows.
  void trouble(std::string what);
  std::vector<std::string> troubles() const;

  // From then on the clients only finish what they have begun, and give up at the deadline.
  void wind_up(Clock::time_point deadline);
  bool winds_up() const { return winds_up_.load(); }
  bool is_over() const { return Clock::now() >= deadline_.load(); }

  Ledger ledger;
  // Set before the clients begin.
  std::string address;
  // How many times the daemon was started.
  std::atomic<std::uint64_t> lives{0};

 private:
  std::atomic<bool> winds_up_{false};
  std::atomic<Clock::time_point> deadline_{Clock::time_point::max()};
  mutable std::mutex mu_;
  std::vector<std::string> troubles_;
};

// One client's channel, and the names of its futures. For one thread.
class Client {
 public:
  Client(Run& run, std::uint32_t session);

  // Calls until the daemon answers; what says that it cannot at the moment is no answer. A failure that no crash
  // explains is a trouble. False: it has failed, or the run is over.
  bool call(const std::string& name, const std::function<grpc::Status(grpc::ClientContext&)>& call);
  // Once. False: no answer.
  bool try_once(const std::function<grpc::Status(grpc::ClientContext&)>& call);
  // Waits a little for the daemon to be there.
  void wait_for_daemon();

  Run& run() const { return run_; }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  std::uint64_t key(std::uint64_t counter) const { return pack({session_, counter}); }
  core::FutureId id(std::uint64_t counter) const { return core::make_future_id(name_, counter); }
  core::SessionId name() const { return name_; }

 private:
  Run& run_;
  const std::uint32_t session_;
  const core::SessionId name_ = core::random_session_id();
  const std::shared_ptr<grpc::Channel> channel_;
};

// Whether a call that failed so may have met a daemon that died, starts or ends.
bool explained_by_crash(const grpc::Status& status);

// Serialized arguments of a task.
std::string arguments_of(std::uint64_t key);
// What was told of the end of a task. Payloads are those of session.proto.
Fact succeeded(std::uint64_t key, const std::string& value);
Fact failed(std::uint64_t key, const std::string& error);
Fact cancelled(std::uint64_t key);
Fact ended(std::uint64_t key, const v1::Outcome& outcome);
// An entry about a future, at this time.
Fact note(std::uint64_t key, Entry entry);

}  // namespace futured::crash
