// FutureTable: sessions, and what is remembered of them.
#include <utility>

#include "server/core/future_table_state.h"

namespace futured::core {
namespace {

// Sessions without a stream that are remembered, to tell expired IDs from unknown ones.
constexpr std::size_t kSessionsRemembered = 10'000;
// How many of the oldest are looked at for one that is added.
constexpr int kSessionsLookedAt = 16;

}  // namespace

void FutureTable::open_session(SessionId id, std::uint64_t max_running) {
  Effects effects;
  {
    MutexLock lock(mu_);
    Session& session = use_session_locked(id);
    if (session.opened++ == 0) closed_sessions_.erase(session.age);
    limit_locked(session, max_running);
    for (const auto& [executor, lane] : session.lanes) plan_wake_locked(*executors_[executor], false, effects);
  }
  apply(effects);
}

void FutureTable::close_session(SessionId id) {
  MutexLock lock(mu_);
  Session& session = *sessions_.at(id);
  if (--session.opened > 0) return;
  session.age = closed_sessions_.insert(closed_sessions_.end(), id);
  trim_sessions_locked();
}

FutureTable::Session& FutureTable::use_session_locked(SessionId id) {
  auto& session = sessions_[id];
  if (session == nullptr) {
    session = std::make_unique<Session>();
    session->age = closed_sessions_.insert(closed_sessions_.end(), id);
    trim_sessions_locked();
  } else if (session->opened == 0) {
    closed_sessions_.splice(closed_sessions_.end(), closed_sessions_, session->age);
  }
  return *session;
}

void FutureTable::trim_sessions_locked() {
  for (int looked = 0; looked < kSessionsLookedAt && closed_sessions_.size() > kSessionsRemembered; ++looked) {
    const auto oldest = sessions_.find(closed_sessions_.front());
    if (oldest->second->busy()) {
      closed_sessions_.splice(closed_sessions_.end(), closed_sessions_, closed_sessions_.begin());
    } else {
      closed_sessions_.pop_front();
      sessions_.erase(oldest);
    }
  }
}

void FutureTable::limit_locked(Session& session, std::uint64_t max_running) {
  session.max_running = max_running;
  for (auto& [executor, lane] : session.lanes) {
    executors_[executor]->queue.set_limit(lane, max_running == 0 ? UINT64_MAX : max_running);
  }
}

Lane* FutureTable::lane_for_locked(Session& session, ExecutorIndex executor) {
  if (session.max_running == 0) return &executors_[executor]->lane;
  const auto [lane, added] = session.lanes.try_emplace(executor);
  if (added) {
    lane->second.executor = executor;
    lane->second.max_running = session.max_running;
  }
  return &lane->second;
}

Status FutureTable::not_found(FutureId id) const {
  MutexLock lock(mu_);
  return not_found_locked(id);
}

Status FutureTable::not_found_locked(FutureId id) const {
  const auto session = sessions_.find(id.session());
  const bool was_here = session != sessions_.end() && id.counter() <= session->second->highest;
  return {was_here ? Reason::kFutureExpired : Reason::kFutureUnknown,
          "future " + to_string(id) +
              (was_here ? " has expired: it finished, and was released, forgotten, or kept for its time"
                        : " is unknown: it was never submitted to this daemon since it started"),
          {},
          {},
          {"future", to_string(id)}};
}

}  // namespace futured::core
