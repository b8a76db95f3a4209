// FutureTable: what leaves it once the mutex is released.
#include <utility>

#include "server/core/future_table_state.h"

namespace futured::core {

void FutureTable::Telling::operator()() const {
  if (when_durable) when_durable();
  for (const auto& subscriber : notify) subscriber->notify();
}

void FutureTable::apply(Effects& effects) {
  for (Executor* executor : effects.wake) executor->wake(1);
  for (auto& stop : effects.stop) stop.executor->request_stop(std::move(stop.lease), stop.entry, stop.request);
  for (const Time when : effects.ticks) timekeeper_.schedule(when, [this] { tick(); });
  if (wants_transitions_) {
    append(effects.telling);
  } else {
    effects.telling();
  }
}

void FutureTable::append(Telling& telling) {
  {
    MutexLock lock(mu_);
    if (!telling.empty()) outgoing_.tellings.push_back(std::move(telling));
    if (appending_) return;
    appending_ = true;
  }
  for (;;) {
    Outgoing batch;
    {
      MutexLock lock(mu_);
      appending_ = !outgoing_.empty();
      if (!appending_) return;
      std::swap(batch, outgoing_);
    }
    store_.append(std::move(batch.transitions), [tellings = std::move(batch.tellings)] {
      for (const Telling& each : tellings) each();
    });
  }
}

void FutureTable::note_locked(const Record& record, State from) {
  if (!wants_transitions_) return;
  Transition transition{record.id, from, record.state, record.attempt, {}, {}, {}, {}};
  if (from == record.state) {
    transition.function = record.function->name;
    transition.executor = executors_[record.executor]->executor.describe().name;
    transition.arguments = record.arguments;
  }
  if (is_final(record.state)) transition.outcome = record.outcome;
  outgoing_.transitions.push_back(std::move(transition));
}

}  // namespace futured::core
