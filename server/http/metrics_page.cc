#include "server/http/metrics_page.h"

#include <prometheus/text_serializer.h>

#include <cctype>
#include <chrono>
#include <string_view>
#include <utility>

#include "server/http/families.h"

namespace futured::http {
namespace {

constexpr double kNanosecond = 1e-9;
constexpr std::pair<core::ExecutorState, const char*> kExecutorStates[] = {
    {core::ExecutorState::kActive, "active"},
    {core::ExecutorState::kPaused, "paused"},
    {core::ExecutorState::kDraining, "draining"}};
// By WorkerSnapshot::State.
constexpr const char* kWorkerStates[] = {"starting", "idle", "busy", "ending"};
// Of calls to functions that no executor knows: no function can have this name.
constexpr const char* kOthers = "(other)";

// Where there are no identities everybody is the same one.
constexpr const char* kNobody = "(none)";

double seconds(core::Duration duration) { return std::chrono::duration<double>(duration).count(); }

std::string lower(std::string_view name) {
  std::string text(name);
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// Builds the page, a part of the daemon at a time.
class Page {
 public:
  Page(const Figures& figures, const Sources& sources) : figures_(figures), sources_(sources) {}

  std::string text() {
    add_tasks();
    add_outcomes();
    add_latencies();
    add_futures();
    add_identities();
    add_executors();
    add_workers();
    add_waiting();
    add_store();
    add_connections();
    add_traces();
    add_http();
    add_process();
    return prometheus::TextSerializer().Serialize(families_.all());
  }

 private:
  using Executor = core::ExecutorMetrics;

  static Labels of(const Executor& executor) { return {{"executor", executor.snapshot.description->name}}; }
  static Labels of(const Executor& executor, const char* label, std::string value) {
    return {{"executor", executor.snapshot.description->name}, {label, std::move(value)}};
  }
  // A series of each executor, in the family that was begun.
  template <class Value>
  void for_each_executor(const Value& value) {
    for (const Executor& executor : figures_.table.executors) families_.add(value(executor), of(executor));
  }

  void add_tasks() {
    const core::TableStats& stats = figures_.table.stats;
    families_.counter("futured_tasks_submitted_total", "Tasks accepted.").add(stats.submitted);
    families_.gauge("futured_tasks_pending", "Tasks that wait for a worker, for their time or for another attempt.");
    for_each_executor([](const Executor& e) { return e.snapshot.pending; });
    families_.gauge("futured_tasks_delayed", "Of the pending tasks, those whose time has not come.");
    for_each_executor([](const Executor& e) { return e.delayed; });
    families_.gauge("futured_tasks_oldest_pending_age_seconds",
                    "For how long the oldest task that lacks nothing but a worker has waited.");
    for_each_executor([](const Executor& e) { return seconds(e.oldest_pending.value_or(core::Duration(0))); });
    families_.gauge("futured_tasks_running", "Tasks given to workers.");
    for_each_executor([](const Executor& e) { return e.snapshot.running; });
  }

  void add_outcomes() {
    families_.counter("futured_tasks_finished_total", "Tasks that ended, by how.");
    for (const Executor& executor : figures_.table.executors) {
      families_.add(executor.snapshot.succeeded, of(executor, "outcome", "succeeded"));
      families_.add(executor.snapshot.failed, of(executor, "outcome", "failed"));
      families_.add(executor.snapshot.cancelled, of(executor, "outcome", "cancelled"));
    }
    families_.counter("futured_tasks_failed_total", "Tasks that failed, by who is to blame.");
    for (const Executor& executor : figures_.table.executors) {
      for (std::size_t i = 0; i < core::kOrigins; ++i) {
        families_.add(executor.failures[i],
                      of(executor, "origin", std::string(to_string(static_cast<core::Origin>(i)))));
      }
    }
    families_.counter("futured_task_retries_total", "Attempts that failed and are followed by another.");
    for_each_executor([](const Executor& e) { return e.retried; });
    families_.counter("futured_task_late_outcomes_total", "Outcomes that came after the end of their future.")
        .add(figures_.table.stats.late);
  }

  void add_latencies() {
    families_.histogram("futured_task_queue_seconds", "Time from when an attempt might have begun until it did.");
    for (const auto& latencies : figures_.table.functions) {
      families_.add(latencies.queued, kNanosecond, of_function(latencies));
    }
    families_.histogram("futured_task_run_seconds", "Time that an attempt ran.");
    for (const auto& latencies : figures_.table.functions) {
      families_.add(latencies.ran, kNanosecond, of_function(latencies));
    }
  }
  Labels of_function(const core::FunctionLatencies& latencies) const {
    return of(figures_.table.executors[latencies.executor], "function",
              latencies.function.empty() ? kOthers : std::string(latencies.function));
  }

  void add_futures() {
    const core::TableStats& stats = figures_.table.stats;
    families_.gauge("futured_futures_unfinished", "Futures that have not ended.").add(stats.unfinished);
    families_.gauge("futured_futures_unfinished_bytes", "Bytes of their arguments.").add(stats.unfinished_bytes);
    families_.gauge("futured_futures_undelivered", "Ended futures whose outcomes somebody has yet to read.")
        .add(stats.owed);
    families_.gauge("futured_futures_retained", "Ended futures that are kept for their time.").add(stats.retained);
    families_.gauge("futured_futures_retained_bytes", "Bytes of the outcomes of all that have ended and are kept.")
        .add(stats.retained_bytes);
    families_.counter("futured_futures_expired_total", "Ended futures that were forgotten by age or for room.")
        .add(stats.expired);
    const core::Limits& limits = sources_.limits;
    families_.gauge("futured_futures_unfinished_max", "The option max_pending.").add(limits.max_pending);
    families_.gauge("futured_futures_unfinished_max_bytes", "The option max_pending_bytes.")
        .add(limits.max_pending_bytes);
    families_.gauge("futured_futures_retained_max", "The option max_retained.").add(limits.max_retained);
    families_.gauge("futured_futures_retained_max_bytes", "The option max_retained_bytes.")
        .add(limits.max_retained_bytes);
    families_.counter("futured_refusals_total", "Calls, and tasks of sessions, that were refused, by reason.");
    for (const core::ReasonRow& row : core::kReasons) {
      families_.add(figures_.refusals[static_cast<std::size_t>(row.reason)], {{"reason", lower(row.name)}});
    }
  }

  // A gauge of each identity.
  template <class Value>
  void identities_gauge(const char* name, const char* help, const Value& value) {
    families_.gauge(name, help);
    for (const core::AccountSnapshot& account : figures_.accounts) families_.add(value(account), of(account));
  }
  static Labels of(const core::AccountSnapshot& account) {
    return {{"identity", account.name.empty() ? kNobody : account.name}, {"namespace", account.name_space}};
  }

  void add_identities() {
    using Account = core::AccountSnapshot;
    identities_gauge("futured_identity_unfinished", "Futures of an identity that have not ended.",
                     [](const Account& a) { return a.unfinished; });
    identities_gauge("futured_identity_unfinished_max", "How many there may be; 0: as many as the daemon takes.",
                     [](const Account& a) { return a.limits.max_pending; });
    identities_gauge("futured_identity_unfinished_bytes", "Bytes of their arguments.",
                     [](const Account& a) { return a.unfinished_bytes; });
    identities_gauge("futured_identity_running", "Tasks of an identity given to workers.",
                     [](const Account& a) { return a.running; });
    identities_gauge("futured_identity_waiters", "Calls and sessions of an identity that wait for futures.",
                     [](const Account& a) { return a.waiters; });
    identities_gauge("futured_identity_streams", "Open streams of an identity.",
                     [](const Account& a) { return a.streams; });
    families_.counter("futured_identity_submitted_total", "Tasks of an identity that were accepted.");
    for (const Account& account : figures_.accounts) families_.add(account.submitted, of(account));
    families_.counter("futured_identity_refused_total", "Calls refused by a limit of an identity.");
    for (const Account& account : figures_.accounts) families_.add(account.refused, of(account));
  }

  void add_executors() {
    families_.gauge("futured_executor_state", "1 for the state that the executor is in.");
    for (const Executor& executor : figures_.table.executors) {
      for (const auto& [state, name] : kExecutorStates) {
        families_.add(executor.snapshot.state == state ? 1.0 : 0.0, of(executor, "state", name));
      }
    }
    families_.gauge("futured_executor_workers_max", "Plain functions that the executor runs at once.");
    for_each_executor([](const Executor& e) { return std::uint64_t{e.snapshot.description->max_workers}; });
  }

  void add_workers() {
    families_.gauge("futured_workers", "Worker processes and programs, by state.");
    for_each_process_executor([this](const Executor& executor, const WorkerFigures& workers) {
      for (std::size_t state = 0; state < workers.by_state.size(); ++state) {
        families_.add(workers.by_state[state], of(executor, "state", kWorkerStates[state]));
      }
    });
    families_.counter("futured_worker_starts_total", "Worker processes that were started.");
    for_each_process_executor([this](const Executor& executor, const WorkerFigures& workers) {
      families_.add(workers.counts.started, of(executor));
    });
    families_.counter("futured_worker_deaths_total", "Worker processes that died unasked, or could not be started.");
    for_each_process_executor([this](const Executor& executor, const WorkerFigures& workers) {
      families_.add(workers.counts.lost, of(executor));
    });
  }
  template <class Add>
  void for_each_process_executor(const Add& add) {
    for (std::size_t i = 0; i < figures_.workers.size(); ++i) {
      const Executor& executor = figures_.table.executors[i];
      if (executor.snapshot.description->can_kill) add(executor, figures_.workers[i]);
    }
  }

  void add_waiting() {
    const core::TableStats& stats = figures_.table.stats;
    families_.gauge("futured_sessions", "Open Session streams.").add(figures_.daemon.sessions);
    families_.gauge("futured_waiting_calls", "Calls that wait for futures.").add(figures_.daemon.waiting_calls);
    families_.gauge("futured_waiters", "Calls and sessions that wait for futures.").add(stats.subscribers);
    families_.gauge("futured_waiters_max", "The option max_waiters.").add(sources_.limits.max_subscribers);
    families_.gauge("futured_watches", "Futures that somebody waits for, once for each who does.").add(stats.watches);
  }

  void add_store() {
    const core::StoreStats& store = figures_.store;
    families_.histogram("futured_store_commit_seconds", "Time of a commit, with its sync.")
        .add(store.durations, kNanosecond);
    families_.histogram("futured_store_commit_changes", "Futures that a commit changes.").add(store.changes, 1);
    families_.counter("futured_store_commit_retries_total", "Commits that failed and were tried again.")
        .add(store.retries);
    families_.gauge("futured_store_refusing", "1 while no task is taken, as the store has no room or has failed.")
        .add(figures_.store_refuses ? 1.0 : 0.0);
    families_.gauge("futured_store_wal_bytes", "Size of the write-ahead log in use.").add(store.log_bytes);
    families_.gauge("futured_store_database_bytes", "Size of the database.").add(store.database_bytes);
    families_.gauge("futured_store_disk_free_bytes", "Room on the disk of the data directory.").add(store.disk_free);
  }

  void add_connections() {
    const DaemonFigures& daemon = figures_.daemon;
    families_.gauge("futured_connections", "Open connections to the gRPC listener.").add(daemon.connections);
    families_.gauge("futured_connections_max", "The option max_connections.").add(sources_.max_connections);
    families_.counter("futured_connections_accepted_total", "Connections accepted.").add(daemon.connections_accepted);
    families_.counter("futured_connections_shed_total", "Connections closed at once, as there were too many.")
        .add(daemon.connections_shed);
    families_.counter("futured_connections_unread_total", "Connections ended, as their peers did not read.")
        .add(daemon.connections_unread);
    families_.counter("futured_descriptors_exhausted_total", "Times that descriptors ran out for connections.")
        .add(daemon.descriptors_exhausted);
    families_.counter("futured_log_lines_dropped_total", "Log lines that nobody took in time.")
        .add(daemon.log_lines_dropped);
  }

  void add_traces() {
    const DaemonFigures& daemon = figures_.daemon;
    families_.counter("futured_spans_exported_total", "Spans that the collector of traces has taken.")
        .add(daemon.spans_exported);
    families_.counter("futured_spans_dropped_total", "Spans that the collector of traces did not take in time.")
        .add(daemon.spans_dropped);
    families_.counter("futured_span_exports_failed_total", "Requests to the collector of traces that failed.")
        .add(daemon.span_exports_failed);
  }

  void add_http() {
    const HttpCounts& http = figures_.http;
    families_.gauge("futured_http_connections", "Open connections to the HTTP listener.").add(http.connections);
    families_.counter("futured_http_connections_accepted_total", "Connections accepted.").add(http.accepted);
    families_.counter("futured_http_connections_shed_total", "Connections closed at once, as there were too many.")
        .add(http.shed);
    families_.counter("futured_http_requests_total", "Requests answered, by status.");
    for (const auto& [status, count] : http.requests) families_.add(count, {{"code", std::to_string(status)}});
    families_.gauge("futured_http_event_streams", "Open event streams.").add(http.event_streams);
    families_.counter("futured_http_slow_readers_total", "Event streams that were ended, as nobody read them.")
        .add(http.slow_readers);
  }

  void add_process() {
    families_.gauge("futured_build_info", "1; the label is the version.").add(1.0, {{"version", sources_.version}});
    families_.gauge("futured_draining", "1 while the daemon takes no tasks, as it drains or ends.")
        .add(figures_.table.draining ? 1.0 : 0.0);
    const ProcessStats& process = figures_.process;
    families_.counter("process_cpu_seconds_total", "Processor time, of user and system.").add(process.cpu_seconds);
    families_.gauge("process_resident_memory_bytes", "Resident memory.").add(process.resident_bytes);
    families_.gauge("process_virtual_memory_bytes", "Virtual memory.").add(process.virtual_bytes);
    families_.gauge("process_open_fds", "Open descriptors.").add(process.open_descriptors);
    families_.gauge("process_max_fds", "Descriptors that may be open.").add(process.max_descriptors);
    families_.gauge("process_threads", "Threads.").add(process.threads);
    families_.gauge("process_start_time_seconds", "When the daemon started, since 1970.").add(process.start_seconds);
  }

  const Figures& figures_;
  const Sources& sources_;
  Families families_;
};

}  // namespace

std::string metrics_page(const Figures& figures, const Sources& sources) { return Page(figures, sources).text(); }

}  // namespace futured::http
