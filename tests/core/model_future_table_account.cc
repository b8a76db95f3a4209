// ModelFutureTable: accounts.
#include "tests/core/model_future_table.h"

namespace futured::testing {

void ModelFutureTable::set_account(core::AccountIndex account, const core::AccountSettings& settings) {
  if (account == accounts_.size()) {
    accounts_.emplace_back();
    submitted_.push_back(0);
  }
  accounts_[account] = settings;
}

bool ModelFutureTable::sees(core::AccountIndex caller, core::AccountIndex owner) const {
  return caller == core::kDaemonAccount || accounts_[caller].name_space == accounts_[owner].name_space;
}

bool ModelFutureTable::is_visible(core::AccountIndex caller, core::FutureId id) const {
  const auto future = futures_.find(id);
  return future != futures_.end() && sees(caller, future->second.account);
}

bool ModelFutureTable::is_full(const ModelLaneKey& lane) const {
  std::uint64_t running = 0;
  for (const auto& [key, other] : lanes_) {
    if (key.executor == lane.executor && key.account == lane.account) running += other.running;
  }
  const std::uint64_t most = accounts_[lane.account].limits.max_running;
  return most > 0 && running >= most;
}

std::optional<core::Reason> ModelFutureTable::refusal_of_account(core::AccountIndex index, std::uint64_t fresh,
                                                                 std::uint64_t bytes) const {
  const core::AccountLimits& limits = accounts_[index].limits;
  const core::AccountSnapshot held = account(index);
  if (limits.max_pending > 0 && held.unfinished + held.owed + fresh > limits.max_pending) {
    return core::Reason::kTooManyPendingOfIdentity;
  }
  if (limits.max_pending_bytes > 0 && held.unfinished_bytes + bytes > limits.max_pending_bytes) {
    return core::Reason::kTooManyPendingBytesOfIdentity;
  }
  return std::nullopt;
}

core::AccountSnapshot ModelFutureTable::account(core::AccountIndex index) const {
  core::AccountSnapshot snapshot;
  for (const auto& [id, future] : futures_) {
    if (future.account != index) continue;
    snapshot.owed += future.owed > 0;
    if (is_final(future.state)) continue;
    ++snapshot.unfinished;
    snapshot.unfinished_bytes += future.arguments.size();
  }
  for (const auto& [key, lane] : lanes_) snapshot.running += key.account == index ? lane.running : 0;
  for (const auto& [subscriber, account] : waiters_) snapshot.waiters += account == index;
  snapshot.submitted = submitted_[index];
  return snapshot;
}

}  // namespace futured::testing
