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

Result<void> FutureTable::open_session(SessionId id, std::uint64_t max_running, AccountIndex account) {
  Effects effects;
  {
    MutexLock lock(mu_);
    Session& session = use_session_locked(id, account);
    if (session.is_shared || session.account != account) {
      ++stats_.refused;
      return tl::unexpected(foreign_session(id));
    }
    open_locked(session);
    limit_locked(session, max_running);
    for (const auto& [executor, lane] : session.lanes) plan_wake_locked(*executors_[executor], false, effects);
  }
  apply(effects);
  return {};
}

void FutureTable::open_drawn_session(SessionId id) {
  MutexLock lock(mu_);
  Session& session = use_session_locked(id, kDaemonAccount);
  session.is_shared = true;
  open_locked(session);
}

void FutureTable::open_locked(Session& session) {
  if (session.opened++ == 0) closed_sessions_.erase(session.age);
}

void FutureTable::close_session(SessionId id) {
  MutexLock lock(mu_);
  Session& session = *sessions_.at(id);
  if (--session.opened > 0) return;
  session.age = closed_sessions_.insert(closed_sessions_.end(), id);
  trim_sessions_locked();
}

FutureTable::Session& FutureTable::use_session_locked(SessionId id, AccountIndex account) {
  auto& session = sessions_[id];
  if (session == nullptr) {
    session = std::make_unique<Session>();
    session->account = account;
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

// The limit of a session is over what its own account submits.
Lane* FutureTable::lane_for_locked(Session& session, AccountIndex account, ExecutorIndex executor) {
  Account::Pool& pool = accounts_.pool(account, executor);
  if (session.max_running == 0 || session.account != account) return &pool.lane;
  const auto [lane, added] = session.lanes.try_emplace(executor, pool.cap);
  if (added) {
    lane->second.executor = executor;
    lane->second.max_running = session.max_running;
  }
  return &lane->second;
}

// By the session alone, so that nobody finds out which IDs of a session of others are taken.
Result<void> FutureTable::check_session_locked(AccountIndex account, SessionId id) const {
  const auto session = sessions_.find(id);
  if (session == sessions_.end()) return {};
  if (!session->second->is_shared && accounts_.same_space(account, session->second->account)) return {};
  return tl::unexpected(foreign_session(id));
}

// --- What is not there.

Status FutureTable::not_found(AccountIndex caller, FutureId id) const {
  MutexLock lock(mu_);
  return not_found_locked(caller, id);
}

Status FutureTable::not_found_locked(AccountIndex caller, FutureId id) const {
  const auto it = sessions_.find(id.session());
  const Session* const session = it == sessions_.end() ? nullptr : it->second.get();
  // In a shared session nobody but the daemon can tell his own IDs from those of others.
  const bool is_own = session != nullptr && accounts_.sees(caller, session->account) &&
                      (!session->is_shared || caller == kDaemonAccount);
  const bool was_here = is_own && id.counter() <= session->highest;
  return {was_here ? Reason::kFutureExpired : Reason::kFutureUnknown,
          "future " + to_string(id) +
              (was_here ? " has expired: it finished, and was released, forgotten, or kept for its time"
                        : " is unknown: it was never submitted to this daemon since it started, or is not there for "
                          "this caller"),
          {},
          {},
          {"future", to_string(id)}};
}

}  // namespace futured::core
