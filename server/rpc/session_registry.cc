#include "server/rpc/session_registry.h"

#include <utility>

namespace futured::rpc {

void SessionRegistry::take_over(core::SessionId session, const std::shared_ptr<LiveCall>& stream) {
  std::shared_ptr<LiveCall> older;
  {
    core::MutexLock lock(mu_);
    older = std::exchange(sessions_[session], stream).lock();
  }
  if (older == nullptr) return;
  older->end({core::Reason::kSessionTakenOver,
              "a newer stream of session " + to_string(session) + " took over",
              {},
              {},
              {"session", to_string(session)}});
}

void SessionRegistry::remove(const LiveCall* stream, std::optional<core::SessionId> session) {
  if (session) {
    core::MutexLock lock(mu_);
    const auto it = sessions_.find(*session);
    if (it != sessions_.end()) {
      const auto current = it->second.lock();
      if (current == nullptr || current.get() == stream) sessions_.erase(it);
    }
  }
  // At last, as wait_until_none() may be waiting for it.
  streams_.remove(stream);
}

}  // namespace futured::rpc
