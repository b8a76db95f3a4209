// TableSources: figures of a table without tasks, for tests of what shows them.
#pragma once

#include "server/http/figures.h"
#include "server/store/memory_store.h"
#include "tests/support/manual_executor.h"
#include "tests/support/manual_time.h"

namespace futured::testing {

struct TableSources {
  ManualTime time;
  store::MemoryStore store;
  core::FutureTable table{{time, time, store}, core::Limits()};
  ManualExecutor executor{table, time};
  http::HttpStats stats;
  http::Sources sources{table, store, [] { return http::DaemonFigures(); }};
};

}  // namespace futured::testing
