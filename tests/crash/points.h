// The daemon's crash points (server/core/crash_point.h), and how each is reached.
#pragma once

namespace futured::crash {

struct Point {
  // As FUTURED_CRASH_AT takes it: dies when it is passed for that time.
  const char* name;
  long time = 1;
  // What has to happen for the daemon to get there.
  enum class By { kLoad, kNewDatabase, kOrderlyEnd } by = By::kLoad;
};

inline constexpr Point kPoints[] = {
    // In the first lives, before there is a database.
    {"store.before_migration", 1, Point::By::kNewDatabase},
    {"store.in_migration", 1, Point::By::kNewDatabase},
    {"store.after_migration", 1, Point::By::kNewDatabase},
    // A submission, or a change, becomes durable.
    {"store.before_insert"},
    {"store.before_insert", 40},
    {"store.after_insert"},
    {"store.after_insert", 40},
    {"store.before_commit"},
    {"store.before_commit", 40},
    {"store.after_commit"},
    {"store.after_commit", 40},
    {"store.before_acknowledgement"},
    {"store.before_acknowledgement", 40},
    {"store.after_acknowledgement"},
    {"store.after_acknowledgement", 40},
    // A task goes to a worker, and comes back.
    {"table.before_dispatch"},
    {"table.before_dispatch", 300},
    {"table.after_dispatch"},
    {"table.after_dispatch", 300},
    {"table.before_report"},
    {"table.before_report", 500},
    {"table.after_report"},
    {"table.after_report", 500},
    {"process.before_reply"},
    {"process.before_reply", 5},
    {"process.after_reply"},
    {"process.after_reply", 5},
    // Its outcome becomes durable, and is told.
    {"store.before_outcome_commit"},
    {"store.before_outcome_commit", 40},
    {"store.after_outcome_commit"},
    {"store.after_outcome_commit", 40},
    {"session.before_delivery"},
    {"session.before_delivery", 8},
    {"session.after_delivery"},
    {"session.after_delivery", 8},
    // It is forgotten.
    {"store.before_delete"},
    {"store.before_delete", 10},
    {"store.after_delete"},
    {"store.after_delete", 10},
    {"store.before_checkpoint"},
    {"store.after_checkpoint"},
    {"store.marked_clean", 1, Point::By::kOrderlyEnd},
};

}  // namespace futured::crash
