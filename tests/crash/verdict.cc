#include "tests/crash/verdict.h"

#include <algorithm>
#include <optional>
#include <sstream>
#include <unordered_map>

#include "tests/crash/tasks.h"

namespace futured::crash {
namespace {

constexpr std::size_t kViolationsTold = 20;

struct History {
  bool accepted = false;
  std::optional<std::uint64_t> cancelled_at;
  bool released = false;
  bool unknown = false;
  std::optional<Fact> outcome;
  std::vector<Execution> executions;
};

class Judge {
 public:
  void add(const Fact& fact) {
    if (fact.entry == Entry::kLife) return lives_.push_back(fact.at);
    History& history = histories_[fact.key];
    switch (fact.entry) {
      case Entry::kAccepted:
        verdict_.accepted += history.accepted ? 0 : 1;
        history.accepted = true;
        return;
      case Entry::kCancelled:
        history.cancelled_at = fact.at;
        return;
      case Entry::kReleasing:
        history.released = true;
        return;
      case Entry::kUnknown:
        history.unknown = history.unknown || !history.released;
        return;
      case Entry::kOutcome:
        return add_outcome(history, fact);
      case Entry::kLife:
        return;
    }
  }

  void add(const Execution& execution) {
    ++verdict_.executions;
    histories_[execution.key].executions.push_back(execution);
  }

  Verdict conclude() {
    for (const auto& [key, history] : histories_) {
      if (history.accepted && (history.unknown || !history.outcome)) {
        violated(verdict_.lost, key,
                 history.unknown ? "was accepted, and is unknown" : "was accepted, and never ended");
      }
      check_executions(key, history);
    }
    return std::move(verdict_);
  }

 private:
  void add_outcome(History& history, const Fact& fact) {
    if (!history.outcome) {
      history.outcome = fact;
      ++verdict_.finished;
      verdict_.restarted += fact.result == Result::kDaemonRestarted ? 1 : 0;
      if (!is_possible(fact)) violated(verdict_.wrong_outcomes, fact.key, "has an outcome that is not its own");
      return;
    }
    ++verdict_.told_again;
    if (history.outcome->digest != fact.digest || history.outcome->result != fact.result) {
      violated(verdict_.two_outcomes, fact.key, "has two outcomes");
    }
  }

  static bool is_possible(const Fact& fact) {
    switch (fact.result) {
      case Result::kRightValue:
        return !fails(fact.key);
      case Result::kOwnError:
        return fails(fact.key);
      case Result::kCancelled:
        return is_cancelled(fact.key);
      case Result::kDaemonRestarted:
        return true;
      default:
        return false;
    }
  }

  void check_executions(std::uint64_t key, const History& history) {
    const auto& all = history.executions;
    if (all.size() > 1) verdict_.repeated += all.size() - 1;
    for (auto execution = all.begin(); execution != all.end(); ++execution) {
      const auto same_life = [&](const Execution& other) { return other.life == execution->life; };
      if (std::any_of(all.begin(), execution, same_life)) {
        violated(verdict_.wrong_executions, key, "was begun twice in one life");
      }
      if (history.outcome && execution->at > history.outcome->at) {
        violated(verdict_.wrong_executions, key, "was begun after its outcome was told");
      }
      // An earlier life may have begun it, and died before that was durable.
      if (history.cancelled_at && execution->life >= life_at(*history.cancelled_at)) {
        violated(verdict_.wrong_executions, key, "was cancelled before it began, and was begun");
      }
    }
    const bool has_result = history.outcome && (history.outcome->result == Result::kRightValue ||
                                                history.outcome->result == Result::kOwnError);
    if (has_result && all.empty()) violated(verdict_.wrong_executions, key, "has a result, and was never begun");
    if (history.cancelled_at && history.outcome && history.outcome->result != Result::kCancelled) {
      violated(verdict_.two_outcomes, key, "was cancelled, and has another outcome");
    }
  }

  std::uint64_t life_at(std::uint64_t at) const {
    return static_cast<std::uint64_t>(std::upper_bound(lives_.begin(), lives_.end(), at) - lives_.begin());
  }

  void violated(std::uint64_t& count, std::uint64_t key, const char* how) {
    ++count;
    if (verdict_.violations.size() >= kViolationsTold) return;
    const Key place = unpack(key);
    verdict_.violations.push_back("future " + std::to_string(place.counter) + " of session " +
                                  std::to_string(place.session) + " " + how);
  }

  std::unordered_map<std::uint64_t, History> histories_;
  // When each began.
  std::vector<std::uint64_t> lives_;
  Verdict verdict_;
};

}  // namespace

Verdict judge(std::span<const Fact> facts, std::span<const Execution> executions) {
  Judge judge;
  for (const Fact& fact : facts) judge.add(fact);
  for (const Execution& execution : executions) judge.add(execution);
  return judge.conclude();
}

std::string describe(const Verdict& verdict) {
  std::ostringstream text;
  text << verdict.accepted << " acknowledged, " << verdict.finished << " outcomes, " << verdict.told_again
       << " told again, " << verdict.restarted << " of them DaemonRestarted\n"
       << verdict.executions << " executions, " << verdict.repeated << " of them again after a crash\n"
       << verdict.lost << " lost, " << verdict.two_outcomes << " with two outcomes, " << verdict.wrong_outcomes
       << " with a wrong one, " << verdict.wrong_executions << " wrong executions\n";
  for (const std::string& violation : verdict.violations) text << "  " << violation << "\n";
  return text.str();
}

}  // namespace futured::crash
