#include "tests/crash/verdict.h"

#include <unordered_map>
#include <utility>

#include "tests/crash/rules.h"
#include "tests/crash/tasks.h"

namespace futured::crash {
namespace {

constexpr std::size_t kViolationsTold = 20;
// A worker process has to be stopped between beginning a task and the task's first line for so long that the beginning
// is stored, and then to die. That happens to few of them, in few lives.
constexpr std::uint64_t kLivesForOneUnexplained = 10;

class Judge {
 public:
  void add(const Fact& fact) {
    if (fact.entry == Entry::kLife) return lives_.begin(fact.at);
    if (fact.entry == Entry::kDeath) return lives_.end(fact.at);
    if (fact.entry == Entry::kPowerCut) return lives_.cut(fact.at);
    if (fact.entry == Entry::kStored) return lives_.stored(fact.at);
    History& history = histories_[fact.key];
    if (fact.entry != Entry::kReleasing && lives_.is_cut_off(lives_.at(fact.at), fact.at)) {
      history.cut_off = true;
      return;
    }
    switch (fact.entry) {
      case Entry::kAccepted:
        if (!history.accepted_at) history.accepted_at = fact.at;
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
      case Entry::kUntold:
        history.untold = true;
        return;
      default:
        return add_outcome(history, fact);
    }
  }

  void add(const Execution& execution) { histories_[execution.key].executions.push_back(execution); }

  Verdict conclude() {
    verdict_.lives = lives_.count();
    for (const auto& [key, history] : histories_) {
      count(key, history);
      check_outcomes(key, history);
      examine_rules(key, history);
    }
    check_restarted();
    return std::move(verdict_);
  }

 private:
  void add_outcome(History& history, const Fact& fact) {
    if (!history.outcome) {
      history.outcome = fact;
      return;
    }
    ++verdict_.told_again;
    if (history.outcome->digest != fact.digest || history.outcome->result != fact.result) {
      violated(verdict_.two_outcomes, fact.key, "has two outcomes");
    }
  }

  void count(std::uint64_t key, const History& history) {
    if (history.accepted_at) {
      ++verdict_.accepted;
      ++verdict_.accepted_of[unpack(key).session];
    }
    if (history.cancelled_at) ++verdict_.cancelled;
    verdict_.executions += history.executions.size();
    if (kind_of(key) == Kind::kAtMostOnce) verdict_.at_most_once += history.executions.size();
    if (!history.outcome) return;
    ++verdict_.finished;
    if (history.outcome->result == Result::kExpired) ++verdict_.expired;
    if (history.outcome->result != Result::kDaemonRestarted) return;
    ++verdict_.restarted;
    if (is_on_thread(key) && kind_of(key) != Kind::kAtMostOnce) ++verdict_.restarted_on_threads;
  }

  void check_outcomes(std::uint64_t key, const History& history) {
    if (history.accepted_at && history.unknown) violated(verdict_.unknown, key, "was accepted, and is unknown");
    if (history.accepted_at && !history.unknown && !history.outcome && !history.cut_off) {
      violated(verdict_.unfinished, key, "was accepted, and never ended");
    }
    if (history.untold) violated(verdict_.untold, key, "was not told again");
    if (history.cancelled_at && history.outcome && history.outcome->result != Result::kCancelled) {
      violated(verdict_.two_outcomes, key, "was cancelled, and has another outcome");
    }
  }

  void examine_rules(std::uint64_t key, const History& history) {
    const Findings findings = examine(key, history, lives_);
    for (const std::string& how : findings.wrong_outcomes) violated(verdict_.wrong_outcomes, key, how);
    for (const std::string& how : findings.wrong_executions) violated(verdict_.wrong_executions, key, how);
    verdict_.repeated += findings.repeated;
    verdict_.retried += findings.retried;
    (is_on_thread(key) ? verdict_.unexplained_on_threads : verdict_.unexplained_elsewhere) += findings.unexplained;
    verdict_.reserved += findings.reserved;
    verdict_.held += findings.held ? 1 : 0;
  }

  void check_restarted() {
    const std::uint64_t threads = lives_.count() * kThreadWorkers;
    at_most("DaemonRestarted on threads", verdict_.restarted_on_threads, threads);
    at_most("begun on threads, and nowhere to be seen", verdict_.unexplained_on_threads, threads);
    at_most("begun elsewhere, and nowhere to be seen", verdict_.unexplained_elsewhere,
            kProcessWorkers + lives_.count() / kLivesForOneUnexplained);
  }

  void at_most(const std::string& what, std::uint64_t count, std::uint64_t most) {
    if (count <= most) return;
    ++verdict_.too_many_restarted;
    verdict_.violations.push_back(what + ": " + std::to_string(count) + ", and " + std::to_string(most) +
                                  " are possible");
  }

  void violated(std::uint64_t& count, std::uint64_t key, const std::string& how) {
    ++count;
    if (verdict_.violations.size() >= kViolationsTold) return;
    const Key place = unpack(key);
    verdict_.violations.push_back("future " + std::to_string(place.counter) + " of session " +
                                  std::to_string(place.session) + " " + how);
  }

  std::unordered_map<std::uint64_t, History> histories_;
  Lives lives_;
  Verdict verdict_;
};

}  // namespace

Verdict judge(std::span<const Fact> facts, std::span<const Execution> executions) {
  Judge judge;
  for (const Fact& fact : facts) judge.add(fact);
  for (const Execution& execution : executions) judge.add(execution);
  return judge.conclude();
}

}  // namespace futured::crash
