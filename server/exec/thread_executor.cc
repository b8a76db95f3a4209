#include "server/exec/thread_executor.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <exception>
#include <functional>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include "server/exec/invoke.h"

namespace futured::exec {
namespace asio = boost::asio;
namespace {

// Waking a sleeping thread costs tens of microseconds, so a worker that has just finished looks around for about as
// long: a caller that submits one task after another finds it awake. It yields, so it takes no time from others.
constexpr auto kLinger = std::chrono::microseconds(50);

}  // namespace

// One coroutine under way. Keeps itself alive until the coroutine has ended.
class ThreadExecutor::Coroutine : public std::enable_shared_from_this<Coroutine> {
 public:
  Coroutine(ThreadExecutor& executor, std::shared_ptr<core::Lease> lease, std::size_t entry)
      : executor_(executor),
        lease_(std::move(lease)),
        entry_(entry),
        context_(*lease_, entry, executor.surroundings()),
        strand_(asio::make_strand(executor.pool_)) {}

  // The strand keeps the signal, which is not thread-safe, to one thread at a time.
  void start(const Function& function) {
    asio::dispatch(strand_, [self = shared_from_this(), &function] { self->start_in_strand(function); });
  }

 private:
  struct StopCallback {
    std::weak_ptr<Coroutine> coroutine;
    void operator()() const {
      if (auto self = coroutine.lock()) {
        asio::post(self->strand_, [self] { self->signal_.emit(asio::cancellation_type::all); });
      }
    }
  };

  void start_in_strand(const Function& function) {
    auto self = shared_from_this();
    on_stop_.emplace(lease_->stop_token(entry_), StopCallback{weak_from_this()});
    asio::co_spawn(strand_, function.call_async(context_, std::string((*lease_)[entry_].arguments.view())),
                   asio::bind_cancellation_slot(signal_.slot(),
                                                [self](const std::exception_ptr& exception, const std::string& value) {
                                                  self->end(exception, value);
                                                }));
  }

  void end(const std::exception_ptr& exception, const std::string& value) {
    on_stop_.reset();
    const std::string worker = executor_.worker_name();
    (*lease_)[entry_].runs_on(worker);
    const Attempt attempt{(*lease_)[entry_].attempt, worker, executor_.options_.max_value_size};
    context_.end_log();
    lease_->end(entry_, executor_.clock_->now(), awaited(exception, value, context_.stop_requested(), attempt));
    executor_.table_->finish(*lease_, entry_);
  }

  ThreadExecutor& executor_;
  const std::shared_ptr<core::Lease> lease_;
  const std::size_t entry_;
  TaskContext context_;
  asio::strand<asio::thread_pool::executor_type> strand_;
  asio::cancellation_signal signal_;
  std::optional<std::stop_callback<StopCallback>> on_stop_;
};

ThreadExecutor::ThreadExecutor(Options options, const Registry& registry)
    : options_(std::move(options)), registry_(registry), pool_(options_.max_workers + 1) {
  description_ = {options_.name, "thread", options_.max_workers, options_.max_coroutines, {}};
  for (const Function* function : registry.functions()) {
    description_.functions.push_back(
        {std::string(function->name()), std::string(function->signature()), function->is_coroutine()});
  }
}

core::ExecutorIndex ThreadExecutor::start(core::FutureTable& table, const core::Clock& clock) {
  table_ = &table;
  clock_ = &clock;
  index_ = table.add_executor(*this);
  return index_;
}

void ThreadExecutor::stop() { pool_.join(); }

void ThreadExecutor::wake(unsigned workers) {
  for (; workers > 0; --workers) {
    wakes_.fetch_add(1);
    // Either the lingering worker sees this wake, or this thread sees that it has gone and takes it back.
    if (somebody_lingers_.load() || !take_wake()) continue;
    asio::post(pool_, [this] { work(); });
  }
}

bool ThreadExecutor::take_wake() {
  unsigned wakes = wakes_.load();
  while (wakes > 0) {
    if (wakes_.compare_exchange_weak(wakes, wakes - 1)) return true;
  }
  return false;
}

bool ThreadExecutor::linger() {
  if (somebody_lingers_.exchange(true)) return false;
  const core::Time end = clock_->now() + kLinger;
  while (wakes_.load(std::memory_order_relaxed) == 0 && clock_->now() < end) std::this_thread::yield();
  somebody_lingers_.store(false);
  return take_wake();
}

void ThreadExecutor::request_stop(std::shared_ptr<core::Lease> lease, std::size_t entry, core::StopRequest) {
  asio::post(pool_, [lease = std::move(lease), entry] { lease->request_stop(entry); });
}

void ThreadExecutor::work() {
  const std::string& worker = worker_name();
  do {
    for (auto lease = table_->take(index_); lease != nullptr; lease = table_->exchange(lease)) run(lease, worker);
  } while (linger());
}

void ThreadExecutor::run(const std::shared_ptr<core::Lease>& lease, std::string_view worker) {
  // Neighbours usually call the same function.
  const core::FunctionInfo* last_info = nullptr;
  const Function* function = nullptr;
  core::Time now = clock_->now();
  for (std::size_t i = 0; i < lease->size(); ++i) {
    if (!lease->begin(i, now)) continue;
    const core::LeaseEntry& entry = (*lease)[i];
    if (entry.function != last_info) {
      last_info = entry.function;
      function = registry_.find(last_info->name);
    }
    if (function != nullptr && function->is_coroutine()) {
      spawn(lease, i, *function);
      now = clock_->now();
    } else {
      now = run_plain(*lease, i, function, worker);
    }
  }
}

core::Time ThreadExecutor::run_plain(core::Lease& lease, std::size_t i, const Function* function,
                                     std::string_view worker) {
  const core::LeaseEntry& entry = lease[i];
  entry.runs_on(worker);
  const Attempt attempt{entry.attempt, worker, options_.max_value_size};
  TaskContext context(lease, i, surroundings());
  core::Outcome outcome = function == nullptr ? unknown_function(entry.function->name, options_.name, attempt)
                                              : invoke(*function, context, entry.arguments.view(), attempt);
  context.end_log();
  const core::Time now = clock_->now();
  lease.end(i, now, std::move(outcome));
  return now;
}

void ThreadExecutor::spawn(const std::shared_ptr<core::Lease>& lease, std::size_t entry, const Function& function) {
  std::make_shared<Coroutine>(*this, lease, entry)->start(function);
}

TaskContext::Surroundings ThreadExecutor::surroundings() { return {options_.log, *table_, *clock_, pool_}; }

const std::string& ThreadExecutor::worker_name() {
  thread_local std::string name;
  if (name.empty()) name = options_.name + "-" + std::to_string(threads_named_.fetch_add(1) + 1);
  return name;
}

}  // namespace futured::exec
