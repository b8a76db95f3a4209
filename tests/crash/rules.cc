#include "tests/crash/rules.h"

#include <algorithm>
#include <set>
#include <utility>

#include "tests/crash/tasks.h"

namespace futured::crash {
namespace {

std::uint64_t ns(std::chrono::nanoseconds time) { return static_cast<std::uint64_t>(time.count()); }

// One future's.
class Examination {
 public:
  Examination(std::uint64_t key, const History& history, const Lives& lives)
      : key_(key), history_(history), lives_(lives), executions_(history.executions) {
    std::ranges::stable_sort(executions_, {}, [](const Execution& one) { return std::pair(one.life, one.at); });
  }

  Findings conclude() {
    check_order();
    for (const Execution& execution : executions_) {
      if (!is_cut_off(execution)) check(execution);
    }
    if (history_.outcome) check_outcome(*history_.outcome);
    return std::move(findings_);
  }

 private:
  // Attempts follow each other; a crash may take back the last of them, but nothing that was safe.
  void check_order() {
    std::set<std::uint64_t> begun;
    // Below these nothing may begin again: what the last life began with, and what follows the last that is safe.
    std::uint64_t least = 1;
    const Execution* last = nullptr;
    for (const Execution& execution : executions_) {
      const std::uint64_t attempt = execution.attempt;
      if (is_cut_off(execution)) {
        begun.insert(attempt);
        continue;
      }
      const bool in_same_life = last != nullptr && last->life == execution.life;
      if (in_same_life && attempt != last->attempt + 1) {
        wrong_execution(attempt <= last->attempt ? "was begun twice in one life" : "left out an attempt");
      }
      if (!in_same_life && attempt < least) wrong_execution("was begun again, though it was safe that it had begun");
      if (begun.contains(attempt)) ++findings_.repeated;
      if (attempt > 1) ++findings_.retried;
      if (!in_same_life) least = std::max(least, attempt);
      explain_attempts_before(attempt, begun);
      begun.insert(attempt);
      if (lives_.is_safe(execution.life, execution.at) || was_recorded_before(execution))
        least = std::max(least, attempt + 1);
      last = &execution;
    }
  }

  // It explains what follows, and breaks no rule.
  bool is_cut_off(const Execution& execution) const { return lives_.is_cut_off(execution.life, execution.at); }

  // What survived a death and runs inside the daemon begins only once that is stored, as it may be what kills daemons.
  bool was_recorded_before(const Execution& execution) const {
    return is_on_thread(key_) && history_.accepted_at && execution.life > lives_.at(*history_.accepted_at) &&
           lives_.death_of(execution.life - 1);
  }

  void explain_attempts_before(std::uint64_t attempt, const std::set<std::uint64_t>& begun) {
    for (std::uint64_t earlier = begun.empty() ? 1 : *begun.rbegin() + 1; earlier < attempt; ++earlier) {
      ++findings_.unexplained;
    }
  }

  void check(const Execution& execution) {
    if (execution.attempt < 1 || execution.attempt > attempts_of(key_)) wrong_execution("was begun too often");
    if (kind_of(key_) == Kind::kAtMostOnce && number_that_count() > 1) wrong_execution("was to run at most once");
    if (kind_of(key_) == Kind::kNeverDue) wrong_execution("was begun before its time");
    if (lives_.is_of_the_dead(execution)) wrong_execution("was begun long after its daemon had died");
    if (history_.outcome && execution.at > history_.outcome->at && !may_be_late(execution)) {
      wrong_execution("was begun after its outcome was told");
    }
    // An earlier life may have begun it, and died before that was durable.
    if (history_.cancelled_at && execution.life >= lives_.at(*history_.cancelled_at)) {
      wrong_execution("was cancelled before it began, and was begun");
    }
  }

  std::ptrdiff_t number_that_count() const {
    return std::ranges::count_if(executions_, [this](const Execution& one) { return !is_cut_off(one); });
  }

  // A worker that has not noticed the death of its daemon, or that a stop was asked of it.
  bool may_be_late(const Execution& execution) const {
    return execution.life < lives_.at(history_.outcome->at) || history_.outcome->result == Result::kExpired;
  }

  void check_outcome(const Fact& outcome) {
    switch (outcome.result) {
      case Result::kRightValue:
        if (!succeeded()) wrong_outcome("has a value, and no attempt that could give it");
        break;
      case Result::kOwnError:
        if (!fails(key_)) wrong_outcome("has an error, and does not fail");
        check_last_attempt(outcome);
        if (!was_begun(outcome.attempt)) wrong_outcome("has an error, and was never begun");
        break;
      case Result::kCancelled:
        if (!is_cancelled(key_)) wrong_outcome("is cancelled, and nobody asked for that");
        break;
      case Result::kExpired:
        if (kind_of(key_) != Kind::kExpiring && kind_of(key_) != Kind::kNeverDue) wrong_outcome("cannot expire");
        break;
      case Result::kDaemonRestarted:
        check_restarted(outcome);
        break;
      default:
        wrong_outcome("has an outcome that is not its own");
    }
  }

  bool succeeded() const {
    return std::ranges::any_of(executions_, [this](const Execution& one) { return one.attempt >= succeeds_at(key_); });
  }
  bool was_begun(std::uint64_t attempt) const {
    return std::ranges::any_of(executions_, [attempt](const Execution& one) { return one.attempt == attempt; });
  }

  void check_last_attempt(const Fact& outcome) {
    if (outcome.attempt != attempts_of(key_)) wrong_outcome("failed for good in an attempt that was not its last");
  }

  // It must have been begun in an earlier life, and not have ended so that that was safe.
  void check_restarted(const Fact& outcome) {
    check_last_attempt(outcome);
    if (kind_of(key_) == Kind::kNeverDue) wrong_outcome("ended as DaemonRestarted, and never was due");
    bool begun = false;
    bool may_have_run = false;
    for (const Execution& one : executions_) {
      if (one.attempt != outcome.attempt || one.life >= lives_.at(outcome.at)) continue;
      begun = true;
      may_have_run = may_have_run || !lives_.is_safe(one.life, one.at + microseconds_of(key_) * 1000);
      findings_.held = findings_.held || lives_.is_safe(one.life, one.at);
    }
    if (!begun) ++(kind_of(key_) == Kind::kAtMostOnce ? findings_.reserved : findings_.unexplained);
    if (begun && !may_have_run) wrong_outcome("ended as DaemonRestarted, and had ended long before");
  }

  void wrong_outcome(const char* how) { findings_.wrong_outcomes.emplace_back(how); }
  void wrong_execution(const char* how) { findings_.wrong_executions.emplace_back(how); }

  const std::uint64_t key_;
  const History& history_;
  const Lives& lives_;
  // By life and time.
  std::vector<Execution> executions_;
  Findings findings_;
};

}  // namespace

void Lives::end(std::uint64_t at) {
  if (!lives_.empty()) lives_.back().died = at;
}

void Lives::cut(std::uint64_t at) {
  end(at);
  if (!lives_.empty()) lives_.back().was_cut = true;
}

bool Lives::is_cut_off(std::uint64_t life, std::uint64_t time) const {
  const auto death = death_of(life);
  return death && lives_[life - 1].was_cut && time > *death;
}

void Lives::stored(std::uint64_t before) {
  const std::uint64_t life = at(before);
  if (life > 0) lives_[life - 1].stored = std::max(lives_[life - 1].stored, before);
}

std::uint64_t Lives::at(std::uint64_t time) const {
  const auto later = std::ranges::upper_bound(lives_, time, {}, &Life::began);
  return static_cast<std::uint64_t>(later - lives_.begin());
}

std::optional<std::uint64_t> Lives::death_of(std::uint64_t life) const {
  return life >= 1 && life <= lives_.size() ? lives_[life - 1].died : std::nullopt;
}

bool Lives::is_safe(std::uint64_t life, std::uint64_t time) const {
  return life >= 1 && life <= lives_.size() && time + ns(kSurelyRecorded) < lives_[life - 1].stored;
}

bool Lives::is_of_the_dead(const Execution& execution) const {
  return execution.life < lives_.size() && execution.at > lives_[execution.life].began + ns(kWorkersEnd);
}

Findings examine(std::uint64_t key, const History& history, const Lives& lives) {
  return Examination(key, history, lives).conclude();
}

}  // namespace futured::crash
