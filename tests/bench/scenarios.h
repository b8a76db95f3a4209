// The scenarios. Each is a function that measures and reports, in the file of its name.
#pragma once

#include <string_view>

#include "tests/bench/bench.h"

namespace futured::bench {

struct Scenario {
  std::string_view name;
  std::string_view help;
  void (*run)(Bench& bench);
};

void run_bare_unary(Bench& bench);
void run_bare_unary_64(Bench& bench);
void run_bare_stream_1(Bench& bench);
void run_bare_stream_128(Bench& bench);
void run_blocking(Bench& bench);
void run_blocking_unary(Bench& bench);
void run_unary_64(Bench& bench);
void run_stream(Bench& bench);
void run_metrics(Bench& bench);
void run_dashboard(Bench& bench);
void run_clients_8(Bench& bench);
void run_map(Bench& bench);
void run_as_completed_100k(Bench& bench);
void run_memory_1m(Bench& bench);
void run_waiters_10k(Bench& bench);
void run_process_stream(Bench& bench);
void run_process_blocking(Bench& bench);
void run_process_crash(Bench& bench);
void run_store(Bench& bench);
void run_durable_stream(Bench& bench);
void run_durable_blocking(Bench& bench);
void run_recovery(Bench& bench);
void run_traces(Bench& bench);
void run_overload(Bench& bench);

inline constexpr Scenario kScenarios[] = {
    {"bare_unary", "bare gRPC echo, one call at a time", run_bare_unary},
    {"bare_unary_64", "bare gRPC echo, 64 calls in flight", run_bare_unary_64},
    {"bare_stream_1", "bare gRPC stream that echoes, 1 item a message", run_bare_stream_1},
    {"bare_stream_128", "bare gRPC stream that echoes, 128 items a message", run_bare_stream_128},
    {"blocking", "SDK: submit and result, one at a time", run_blocking},
    {"blocking_unary", "Submit call that waits, one at a time", run_blocking_unary},
    {"unary_64", "Submit calls that wait, 64 in flight", run_unary_64},
    {"stream", "SDK: one executor, 1 M tasks, first submit to last outcome", run_stream},
    {"clients_8", "SDK: 8 executors at once, 125,000 tasks each", run_clients_8},
    {"metrics", "SDK: stream with a daemon that is scraped once a second, beside one without HTTP", run_metrics},
    {"dashboard", "SDK: stream with a daemon whose figures and tasks are watched, beside one that is not",
     run_dashboard},
    {"map", "SDK: map over 200,000 texts", run_map},
    {"as_completed_100k", "SDK: as_completed over 1,000, 10,000 and 100,000 waiting futures", run_as_completed_100k},
    {"memory_1m", "daemon's memory for 1 M pending and 1 M finished futures", run_memory_1m},
    {"waiters_10k", "10,000 Result calls that wait, for one future and for 10,000", run_waiters_10k},
    {"process_stream", "SDK: 200,000 tasks through two worker processes", run_process_stream},
    {"process_blocking", "SDK: submit and result in a worker process, one at a time", run_process_blocking},
    {"process_crash", "from the death of a worker process to its successor's first task", run_process_crash},
    {"store", "store alone: 1 M tasks submitted, ended and forgotten, beside a bare SQLite loop", run_store},
    {"durable_stream", "SDK: 500,000 tasks in a durable daemon, beside a bare SQLite loop of the same records",
     run_durable_stream},
    {"durable_blocking", "SDK: submit and result in a durable daemon, beside one in memory and a sync",
     run_durable_blocking},
    {"traces", "SDK: 300,000 tasks, with traces off, on and none sampled, and one of 100 sampled", run_traces},
    {"overload", "ten times as many calls as the daemon can serve: what it still does, and how fast it refuses",
     run_overload},
    {"recovery", "from the start of a daemon that was killed with 100,000 and 1 M pending futures", run_recovery},
};

}  // namespace futured::bench
