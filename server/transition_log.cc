#include "server/transition_log.h"

#include <string>

namespace futured::server {
namespace {

// Why a future is in its state, in a few words.
std::string reason_of(const core::Transition& transition) {
  if (transition.task != nullptr) return "submitted";
  if (transition.forgotten) return "forgotten";
  if (transition.stop_requested && !is_final(transition.to)) return "asked to stop";
  if (transition.to == core::State::kRunning) return "begun";
  if (transition.outcome.error != nullptr) {
    return transition.outcome.error->type + ": " + transition.outcome.error->message;
  }
  switch (transition.to) {
    case core::State::kPending:
      return "not begun after all";
    case core::State::kSucceeded:
      return "returned";
    default:
      return "cancelled";
  }
}

}  // namespace

void TransitionLog::write(const core::Transition& transition) {
  const std::string id = to_string(transition.id);
  const std::string reason = reason_of(transition);
  if (transition.task != nullptr) {
    logger_.info("future", {{"id", id},
                            {"from", "-"},
                            {"to", to_string(transition.to)},
                            {"why", reason},
                            {"function", transition.task->function},
                            {"executor", transition.task->executor}});
  } else {
    logger_.info("future", {{"id", id},
                            {"from", to_string(transition.from)},
                            {"to", to_string(transition.to)},
                            {"why", reason},
                            {"attempt", std::to_string(transition.attempt)}});
  }
}

}  // namespace futured::server
