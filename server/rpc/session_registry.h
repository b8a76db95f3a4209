// SessionRegistry: the streams that are open, by session, so that a newer one takes over and all can be ended.
#pragma once

#include <cstddef>
#include <memory>
#include <unordered_map>
#include <vector>

#include "server/core/ids.h"
#include "server/core/mutex.h"
#include "server/core/status.h"

namespace futured::rpc {

// An open stream.
class OpenSession {
 public:
  virtual ~OpenSession() = default;
  // Ends the stream with a status. From any thread; may be called when it has ended.
  virtual void end(const core::Status& status) = 0;
};

// May be used from any thread.
class SessionRegistry {
 public:
  // Enters a stream; one of the same session that is open already is ended with kAborted. After end_all(), the new one
  // is ended at once.
  void add(core::SessionId id, const std::shared_ptr<OpenSession>& session) FUTURED_EXCLUDES(mu_);
  // Takes a stream out, unless another took over.
  void remove(core::SessionId id, const OpenSession* session) FUTURED_EXCLUDES(mu_);
  // Ends all streams, and later ones too.
  void end_all(const core::Status& status) FUTURED_EXCLUDES(mu_);
  std::size_t size() const FUTURED_EXCLUDES(mu_);

 private:
  mutable core::Mutex mu_;
  std::unordered_map<core::SessionId, std::weak_ptr<OpenSession>, core::SessionIdHash> sessions_
      FUTURED_GUARDED_BY(mu_);
  std::unique_ptr<core::Status> ended_ FUTURED_GUARDED_BY(mu_);
};

}  // namespace futured::rpc
