#include "server/rpc/session_registry.h"

namespace futured::rpc {

void SessionRegistry::add(core::SessionId id, const std::shared_ptr<OpenSession>& session) {
  std::shared_ptr<OpenSession> older;
  std::unique_ptr<core::Status> ended;
  {
    core::MutexLock lock(mu_);
    auto& entry = sessions_[id];
    older = entry.lock();
    entry = session;
    if (ended_ != nullptr) ended = std::make_unique<core::Status>(*ended_);
  }
  if (older != nullptr) older->end({core::Code::kAborted, "a newer stream of session " + to_string(id) + " took over"});
  if (ended != nullptr) session->end(*ended);
}

void SessionRegistry::remove(core::SessionId id, const OpenSession* session) {
  core::MutexLock lock(mu_);
  const auto it = sessions_.find(id);
  if (it == sessions_.end()) return;
  const auto current = it->second.lock();
  if (current == nullptr || current.get() == session) sessions_.erase(it);
}

void SessionRegistry::end_all(const core::Status& status) {
  std::vector<std::shared_ptr<OpenSession>> open;
  {
    core::MutexLock lock(mu_);
    ended_ = std::make_unique<core::Status>(status);
    for (const auto& [id, session] : sessions_) {
      if (auto alive = session.lock()) open.push_back(std::move(alive));
    }
  }
  for (const auto& session : open) session->end(status);
}

std::size_t SessionRegistry::size() const {
  core::MutexLock lock(mu_);
  return sessions_.size();
}

}  // namespace futured::rpc
