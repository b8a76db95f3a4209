// Store: where futures survive. The table tells it every change; the store says when a change is safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/core/account.h"
#include "server/core/bytes.h"
#include "server/core/clock.h"
#include "server/core/ids.h"
#include "server/core/outcome.h"
#include "server/core/status.h"
#include "server/core/store_stats.h"
#include "server/core/task_log.h"
#include "server/core/task_options.h"

namespace futured::core {

// A future as it was submitted. Nothing of it changes.
struct StoredTask {
  std::string function;
  // Name of the executor.
  std::string executor;
  Bytes arguments;
  TaskOptions options;
  Time submitted;
  // Of the arguments, which are gone once it has succeeded: by these a repeated submission is known.
  std::uint64_t arguments_size = 0;
  std::uint64_t arguments_hash = 0;
  // How many tasks of its session may run at once on the executor, as it was at the submission; 0: no limit.
  std::uint64_t session_limit = 0;
  // Who submitted it; null: there were no identities.
  std::shared_ptr<const AccountName> account = nullptr;
};

// One change of one future.
struct Transition {
  FutureId id;
  // Names the future in this daemon's store: unique, and growing with every submission, also across restarts.
  std::uint64_t sequence = 0;
  // Equal for a new future, and for one that is forgotten.
  State from = State::kPending;
  State to = State::kPending;
  // Of the attempt that has begun or ended; 0 before the first.
  std::uint32_t attempt = 0;
  Time at;
  // When the attempt began, if it has.
  std::optional<Time> started;
  // Back to pending: when the next attempt may begin.
  std::optional<Time> due;
  // Set for a new future.
  std::shared_ptr<const StoredTask> task;
  // Set for a final state, unless it is forgotten. Before: how the last attempt failed, if there was one.
  Outcome outcome;
  // The future is gone for good.
  bool forgotten = false;
  // A cancel has asked the attempt to stop. Set from then on; of no meaning once it is final.
  bool stop_requested = false;
  // With a final state: what its attempts logged. May be null.
  std::shared_ptr<const StoredLog> log = nullptr;
};

// A future that survived.
struct StoredFuture {
  FutureId id;
  std::uint64_t sequence = 0;
  StoredTask task;
  State state = State::kPending;
  std::uint32_t attempt = 0;
  std::optional<Time> started;
  std::optional<Time> finished;
  // When the next attempt may begin.
  std::optional<Time> due;
  // As in Transition.
  Outcome outcome;
  bool stop_requested = false;
  std::shared_ptr<const StoredLog> log = nullptr;
};

// What load() found.
struct Loaded {
  std::uint64_t futures = 0;
  // The highest that a future ever had, also one that is gone; 0: none.
  std::uint64_t highest_sequence = 0;
  // The daemon that used the store before did, or there was none.
  bool ended_in_order = true;
};

// Thread-safe. No method is called with a lock of the table held.
class Store {
 public:
  virtual ~Store() = default;
  // False: this store keeps nothing, and the table spares itself building transitions.
  virtual bool wants_transitions() const = 0;
  // False: futures end with the daemon, whoever hears of the transitions.
  virtual bool keeps_futures() const { return wants_transitions(); }
  // Records the changes, which may be none. Calls come one at a time, in the order in which the changes happened. Calls
  // `when_durable` once these and all earlier ones are safe, possibly before returning, from any thread; never when
  // they could not be made safe: then the store has failed for good, and says so in its own way.
  virtual void append(std::vector<Transition> transitions, std::function<void()> when_durable) = 0;
  // Gives all futures to `consumer`, by sequence, some at a time. Before the first append(). The failure names what is
  // damaged.
  virtual Result<Loaded> load(const std::function<void(std::vector<StoredFuture>)>& consumer) const {
    (void)consumer;
    return Loaded();
  }
  // Writes what waits. Nothing is appended afterwards, and nobody is called. May be called again; blocks.
  virtual void close() {}
  // Why no new future can be taken at the moment; nothing: it can. Quick.
  virtual std::optional<Status> refusal() const { return std::nullopt; }
  // Since the store was opened. May ask the file system for sizes, which takes microseconds.
  virtual StoreStats stats() const { return {}; }
  // Makes a consistent copy of what is recorded: a new file (mode 0600), which appears under its name when it is
  // complete. Nothing is left of one that fails. `unwanted` is asked now and then, by the thread that called; true ends
  // the copy. Blocks.
  //   kFailedPrecondition  this store has nothing to copy, or it is damaged
  //   kAlreadyExists       the file is there
  //   kResourceExhausted   there is no room for it
  //   kAborted             it is unwanted, or took too long
  //   kUnavailable         anything else
  virtual Result<void> backup(const std::filesystem::path& copy, const std::function<bool()>& unwanted) const {
    (void)copy;
    (void)unwanted;
    return failure(Reason::kStoreInMemory, "futures are kept in memory only; there is nothing to copy");
  }
};

}  // namespace futured::core
