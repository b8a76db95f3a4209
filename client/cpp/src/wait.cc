#include "futured/wait.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <unordered_set>

#include "future_state.h"
#include "waiter.h"

namespace futured::detail {
namespace {

bool has_failed(const StatePtr& state) {
  return state->status() == Status::kFailed || state->status() == Status::kBroken;
}

void check(ReturnWhen return_when) {
  switch (return_when) {
    case ReturnWhen::kFirstCompleted:
    case ReturnWhen::kFirstException:
    case ReturnWhen::kAllCompleted:
      return;
  }
  throw std::invalid_argument("invalid return condition: " + std::to_string(static_cast<int>(return_when)));
}

void wait_for_condition(const std::vector<StatePtr>& states, const WaitOptions& options) {
  const auto deadline = options.timeout.deadline();
  const bool first_failure = options.return_when == ReturnWhen::kFirstException;
  if (first_failure && std::any_of(states.begin(), states.end(), has_failed)) return;
  Waiter waiter(states);
  for (std::size_t left = states.size(); left > 0; --left) {
    const auto index = waiter.next(deadline);
    if (!index || options.return_when == ReturnWhen::kFirstCompleted) return;
    if (first_failure && has_failed(states[*index])) return;
  }
}

}  // namespace

void drop_duplicates(std::vector<StatePtr>& states) {
  std::unordered_set<const FutureState*> seen;
  seen.reserve(states.size());
  std::erase_if(states, [&](const StatePtr& state) { return !seen.insert(state.get()).second; });
}

std::vector<StatePtr> wait_for(std::vector<StatePtr>& states, const WaitOptions& options) {
  if (states.empty()) return {};
  check(options.return_when);
  wait_for_condition(states, options);
  std::vector<StatePtr> not_done;
  std::erase_if(states, [&](const StatePtr& state) {
    if (state->done()) return false;
    not_done.push_back(state);
    return true;
  });
  return not_done;
}

struct Completions::Impl {
  Impl(std::vector<StatePtr> futures, Timeout timeout)
      : deadline(timeout.deadline()), states(std::move(futures)), left(states.size()), waiter(states) {}

  const Timeout::Clock::time_point deadline;
  std::vector<StatePtr> states;  // Null: has been handed over.
  std::size_t left;
  Waiter waiter;  // Refers to the states.
};

Completions::Completions(std::vector<StatePtr> states, Timeout timeout)
    : impl_(std::make_unique<Impl>(std::move(states), timeout)) {}
Completions::~Completions() = default;

StatePtr Completions::next() {
  if (!impl_) return nullptr;
  // Over, unless this call succeeds.
  std::unique_ptr<Impl> impl = std::move(impl_);
  if (impl->left == 0) return nullptr;
  const auto index = impl->waiter.next(impl->deadline);
  if (!index) {
    throw TimeoutError(std::to_string(impl->left) + " (of " + std::to_string(impl->states.size()) +
                       ") futures unfinished");
  }
  --impl->left;
  StatePtr state = std::move(impl->states[*index]);
  impl_ = std::move(impl);
  return state;
}

}  // namespace futured::detail
