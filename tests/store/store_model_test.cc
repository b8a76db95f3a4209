// Random lives, in random batches, with crashes and restarts, beside a map.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "tests/store/store_fixture.h"
#include "tests/support/seed.h"

namespace futured::store {
namespace {

using core::Bytes;
using core::Outcome;
using core::State;
using testing::Life;

class StoreModelTest : public testing::StoreFixture {
 protected:
  std::uint64_t draw(std::uint64_t below) { return random_() % below; }
  std::int64_t next_time() { return ++now_; }

  core::Transition submit() {
    const std::uint64_t sequence = ++last_sequence_;
    Life& life = lives_.try_emplace(sequence, sequence).first->second;
    life.task.function = "f" + std::to_string(draw(3));
    life.task.arguments = Bytes(std::string(draw(20) == 0 ? 10'000 : draw(40), 'a'));
    life.task.submitted = testing::test_time(next_time());
    life.task.session_limit = draw(2);
    if (const auto account = draw(3); account > 0) {
      life.task.account = std::make_shared<const core::AccountName>(
          core::AccountName{"identity " + std::to_string(account), "namespace"});
    }
    if (draw(4) == 0) {
      core::TaskPolicy policy;
      policy.priority = static_cast<std::int32_t>(draw(3));
      policy.labels = {{"k", std::to_string(draw(2))}};
      life.task.options.policy = std::make_shared<const core::TaskPolicy>(policy);
    }
    return life.submit();
  }

  Outcome failure() {
    return Outcome::failed({core::Origin::kTask, "E", std::string(draw(50), 'm'), "", nullptr, 1, "w"});
  }
  Outcome outcome() {
    switch (draw(3)) {
      case 0:
        return Outcome::cancelled();
      case 1:
        return failure();
      default:
        return Outcome::succeeded(Bytes(std::string(draw(200), 'v')));
    }
  }

  core::Transition step(std::map<std::uint64_t, Life>::iterator at) {
    Life& life = at->second;
    if (is_final(life.state())) {
      auto forget = life.forget(next_time());
      lives_.erase(at);
      return forget;
    }
    if (life.state() == State::kRunning && draw(5) == 0) return life.ask_to_stop(next_time());
    if (life.state() == State::kRunning && draw(4) == 0) return life.retry(failure(), next_time(), next_time());
    if (life.state() == State::kPending && draw(2) == 0) return life.start(next_time());
    return life.end(outcome(), next_time());
  }

  std::vector<core::Transition> batch() {
    std::vector<core::Transition> transitions;
    for (std::uint64_t left = draw(60); left > 0; --left) {
      auto at = lives_.lower_bound(last_sequence_ - std::min(last_sequence_, draw(50)));
      transitions.push_back(at == lives_.end() || draw(3) == 0 ? submit() : step(at));
    }
    return transitions;
  }

  Futures expected() const {
    Futures futures;
    for (const auto& [sequence, life] : lives_) futures[sequence] = testing::describe(life.held());
    return futures;
  }

  std::mt19937_64 random_{testing::announced_seed()};
  std::map<std::uint64_t, Life> lives_;
  std::uint64_t last_sequence_ = 0;
  std::int64_t now_ = 0;
};

TEST_F(StoreModelTest, HoldsWhatAMapHolds) {
  options_.log_limit = 1 << 20;
  open();
  for (int round = 0; round < 150; ++round) {
    for (std::uint64_t appends = draw(5); appends > 0; --appends) store_->append(batch(), [] {});
    commit(batch());
    const auto choice = draw(10);
    if (choice == 0) crash();
    if (choice == 0) open();
    if (choice == 1) reopen();
    if (choice > 3) continue;
    ASSERT_TRUE(load() == expected()) << "in round " << round;
    ASSERT_EQ(highest_sequence_, last_sequence_) << "in round " << round;
  }
}

}  // namespace
}  // namespace futured::store
