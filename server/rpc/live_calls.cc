#include "server/rpc/live_calls.h"

#include <utility>
#include <vector>

namespace futured::rpc {

void LiveCalls::add(const std::shared_ptr<LiveCall>& call, const Caller& caller) {
  std::optional<core::Status> ended;
  Check check;
  {
    core::MutexLock lock(mu_);
    calls_.emplace(call.get(), Entry{call, caller});
    ended = ended_;
    check = check_;
  }
  if (ended) return call->end(*ended);
  if (!check) return;
  if (const auto checked = check(caller); !checked) call->end(checked.error());
}

void LiveCalls::remove(const LiveCall* call) {
  core::MutexLock lock(mu_);
  calls_.erase(call);
  if (calls_.empty()) none_.notify_all();
}

void LiveCalls::end_all(const core::Status& status) {
  std::vector<std::shared_ptr<LiveCall>> alive;
  {
    core::MutexLock lock(mu_);
    ended_ = status;
    for (const auto& [pointer, entry] : calls_) {
      if (auto shared = entry.call.lock()) alive.push_back(std::move(shared));
    }
  }
  for (const auto& call : alive) call->end(status);
}

void LiveCalls::end_unless(const Check& check) {
  std::vector<std::pair<std::shared_ptr<LiveCall>, Caller>> alive;
  {
    core::MutexLock lock(mu_);
    check_ = check;
    for (const auto& [pointer, entry] : calls_) {
      if (auto shared = entry.call.lock()) alive.emplace_back(std::move(shared), entry.caller);
    }
  }
  for (const auto& [call, caller] : alive) {
    if (const auto checked = check(caller); !checked) call->end(checked.error());
  }
}

std::size_t LiveCalls::size() const {
  core::MutexLock lock(mu_);
  return calls_.size();
}

bool LiveCalls::wait_until_none(core::Time deadline) const {
  core::MutexLock lock(mu_);
  while (!calls_.empty() && std::chrono::steady_clock::now() < deadline) none_.wait_until(mu_, deadline);
  return calls_.empty();
}

}  // namespace futured::rpc
