// LiveCalls: the calls that wait and the streams that are open, so that they can be counted, and ended when the daemon
// goes.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>

#include "server/core/clock.h"
#include "server/core/mutex.h"
#include "server/core/status.h"
#include "server/rpc/caller.h"

namespace futured::rpc {

// A call under way.
class LiveCall {
 public:
  virtual ~LiveCall() = default;
  // Ends the call with a status. From any thread; may be called when it has ended.
  virtual void end(const core::Status& status) = 0;
};

// May be used from any thread.
class LiveCalls {
 public:
  // Whether a call may go on. From any thread.
  using Check = std::function<core::Result<void>(const Caller&)>;

  // Enters a call. After end_all() it is ended at once, after end_unless() if the check says so.
  void add(const std::shared_ptr<LiveCall>& call, const Caller& caller = {}) FUTURED_EXCLUDES(mu_);
  // Takes a call out, when gRPC is done with it. Calls that are not in are ignored.
  void remove(const LiveCall* call) FUTURED_EXCLUDES(mu_);
  // Ends all calls, and later ones too.
  void end_all(const core::Status& status) FUTURED_EXCLUDES(mu_);
  // Ends those that fail the check, with its failure. Later ones are checked when they are entered, as their callers
  // may have been admitted before what the check is about.
  void end_unless(const Check& check) FUTURED_EXCLUDES(mu_);
  std::size_t size() const FUTURED_EXCLUDES(mu_);
  // Blocks until gRPC is done with all, or the deadline: then false.
  bool wait_until_none(core::Time deadline) const FUTURED_EXCLUDES(mu_);

 private:
  mutable core::Mutex mu_;
  mutable core::CondVar none_;
  struct Entry {
    std::weak_ptr<LiveCall> call;
    Caller caller;
  };
  std::unordered_map<const LiveCall*, Entry> calls_ FUTURED_GUARDED_BY(mu_);
  std::optional<core::Status> ended_ FUTURED_GUARDED_BY(mu_);
  Check check_ FUTURED_GUARDED_BY(mu_);
};

}  // namespace futured::rpc
