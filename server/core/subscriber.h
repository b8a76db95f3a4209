// Subscriber: somebody who waits for futures. Result, Wait, AsCompleted and Session are subscribers.
#pragma once

#include <cstdint>
#include <memory>

#include "server/core/outcome.h"
#include "server/core/progress.h"

namespace futured::core {

// Names a registered subscriber; from FutureTable::add_subscriber.
using SubscriberId = std::uint32_t;
inline constexpr SubscriberId kNoSubscriber = UINT32_MAX;

// What an observer is told of a future before its end: what the function says of its progress, or that and lines and
// states too.
enum class Interest : std::uint8_t { kProgress, kEverything };

class Subscriber {
 public:
  virtual ~Subscriber() = default;
  // There are events for FutureTable::drain. Not called again until it was. Called from any thread, with no lock of
  // the table held; must not block.
  virtual void notify() = 0;
};

// Identifies a finished future cheaply, for FutureTable::release. By default it names none.
struct Handle {
  std::uint32_t slot = UINT32_MAX;
  std::uint32_t generation = 0;
};

// What happened to a future that was subscribed to.
struct Event {
  // `started`: a worker has begun it. `finished`: see outcome. `unknown`: it was forgotten before this could be told.
  // `news`: something that FutureTable::observe() asked for; all that came since this was last drained.
  enum class Kind : std::uint8_t { kStarted, kFinished, kUnknown, kNews };

  // As given to subscribe().
  std::uint64_t token = 0;
  Kind kind = Kind::kFinished;
  Outcome outcome;
  Handle handle;
  // Of news: what a function told last; null if none has.
  std::shared_ptr<const Progress> progress = nullptr;
};

}  // namespace futured::core
