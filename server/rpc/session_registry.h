// SessionRegistry: the Session streams that are open, and which of them serves which session, so that a newer one takes
// over and all can be ended.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <unordered_map>

#include "server/core/clock.h"
#include "server/core/ids.h"
#include "server/core/mutex.h"
#include "server/core/status.h"
#include "server/rpc/live_calls.h"

namespace futured::rpc {

// May be used from any thread.
class SessionRegistry {
 public:
  // Enters a stream that was opened. After end_all() it is ended at once.
  void add(const std::shared_ptr<LiveCall>& stream, const Caller& caller = {}) { streams_.add(stream, caller); }
  // The stream serves a session from now on; one that served it until then is ended with kAborted.
  void take_over(core::SessionId session, const std::shared_ptr<LiveCall>& stream) FUTURED_EXCLUDES(mu_);
  // Takes a stream out when gRPC is done with it; with the session that it served, unless another took over.
  void remove(const LiveCall* stream, std::optional<core::SessionId> session) FUTURED_EXCLUDES(mu_);
  // Ends all streams, and later ones too.
  void end_all(const core::Status& status) { streams_.end_all(status); }
  // See LiveCalls.
  void end_unless(const LiveCalls::Check& check) { streams_.end_unless(check); }
  // Blocks until gRPC is done with all, or the deadline: then false.
  bool wait_until_none(core::Time deadline) const { return streams_.wait_until_none(deadline); }
  // Open streams.
  std::size_t size() const { return streams_.size(); }

 private:
  LiveCalls streams_;
  core::Mutex mu_;
  std::unordered_map<core::SessionId, std::weak_ptr<LiveCall>, core::SessionIdHash> sessions_ FUTURED_GUARDED_BY(mu_);
};

}  // namespace futured::rpc
