// TableParts: what a FutureTable is made of. Not owned; they outlive it.
#pragma once

#include "server/core/clock.h"
#include "server/core/store.h"
#include "server/core/timekeeper.h"
#include "server/core/tracing.h"

namespace futured::core {

struct TableParts {
  const Clock& clock;
  Timekeeper& timekeeper;
  Store& store;
  // By default there are no spans.
  TracingSettings tracing = {};
};

}  // namespace futured::core
