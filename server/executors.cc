#include "server/executors.h"

#include <unistd.h>

#include <system_error>
#include <utility>

#include "server/exec/process/sandbox.h"
#include "server/helper_path.h"

namespace futured::server {
namespace {

// Room in a frame for everything but the payload.
constexpr std::uint64_t kEnvelope = std::uint64_t{1} << 20;

std::vector<core::FunctionDescription> functions_of(const Registry& registry) {
  std::vector<core::FunctionDescription> functions;
  // A worker runs one task at a time, coroutines too.
  for (const Function* function : registry.functions()) functions.push_back({function->name(), function->signature()});
  return functions;
}

}  // namespace

class Executors::Absent final : public core::Executor {
 public:
  explicit Absent(const std::string& name) {
    description_.name = name;
    description_.kind = "absent";
  }
  const core::ExecutorDescription& describe() const override { return description_; }
  void wake(unsigned /*workers*/) override {}
  void request_stop(std::shared_ptr<core::Lease> /*lease*/, std::size_t /*entry*/,
                    core::StopRequest /*request*/) override {}

 private:
  core::ExecutorDescription description_;
};

Executors::Executors(const Options& options, const Registry& registry, Logger& logger)
    : options_(options), registry_(registry), logger_(logger) {}

Executors::~Executors() = default;

tl::expected<void, std::string> Executors::start(core::FutureTable& table, const core::Clock& clock) {
  if (auto checked = check(); !checked) return checked;
  for (const ExecutorOptions& executor : options_.executors) {
    if (executor.kind == "thread") {
      add_threads(executor);
    } else if (auto added = add_processes(executor); !added) {
      return added;
    }
  }
  for (const auto& start : starts_) start(table, clock);
  return {};
}

// Whose functions are those of the plugins.
bool Executors::has_own_worker(const ExecutorOptions& executor) const {
  return executor.worker == std::vector<std::string>{helper_path(options_.program_directory, "futured-worker")};
}

tl::expected<void, std::string> Executors::check() const {
  for (const FunctionOptions& function : options_.functions) {
    if (registry_.find(function.name) != nullptr) {
      return tl::unexpected("functions.\"" + function.name + "\": a plugin has a function of that name");
    }
  }
  for (const ExecutorOptions& executor : options_.executors) {
    if (executor.sandbox.limits.max_processes > 0 && ::geteuid() == 0) {
      logger_.warning("the kernel limits nobody's processes who is root; run the daemon as another user",
                      {{"setting", "executors." + executor.name + ".max_processes"}});
    }
    if (executor.initializer.empty() || !has_own_worker(executor)) continue;
    if (registry_.find(executor.initializer) == nullptr) {
      return tl::unexpected("executors." + executor.name + ".initializer: no plugin has a function \"" +
                            executor.initializer + "\"");
    }
  }
  return {};
}

void Executors::add_absent(const std::string& name, core::FutureTable& table) {
  if (table.find_executor(name)) return;
  logger_.warning("an executor of stored futures is not configured; those that are pending wait for it",
                  {{"executor", name}});
  absent_executors_.push_back(std::make_unique<Absent>(name));
  table.set_executor_state(table.add_executor(*absent_executors_.back()), core::ExecutorState::kDraining);
}

void Executors::end_processes() {
  for (const auto& executor : process_executors_) executor->end_workers(true);
}

void Executors::stop() {
  for (const auto& executor : thread_executors_) executor->stop();
  for (const auto& executor : process_executors_) executor->stop();
}

void Executors::add_threads(const ExecutorOptions& executor) {
  const auto log = [this](core::FutureId id, std::string_view function, futured::LogLevel level,
                          std::string_view text) {
    const LogField fields[] = {{"id", to_string(id)}, {"function", function}};
    logger_.log(static_cast<LogLevel>(level), text, fields);
  };
  auto added = std::make_unique<exec::ThreadExecutor>(
      exec::ThreadExecutor::Options{executor.name, static_cast<unsigned>(executor.max_workers),
                                    static_cast<unsigned>(executor.max_coroutines), options_.max_value_size, log},
      registry_);
  starts_.emplace_back(
      [started = added.get()](core::FutureTable& table, const core::Clock& clock) { started->start(table, clock); });
  thread_executors_.push_back(std::move(added));
}

tl::expected<void, std::string> Executors::add_processes(const ExecutorOptions& executor) {
  const std::string helper = helper_path(options_.program_directory, "futured-sandbox");
  if (const auto checked = exec::check_sandbox(executor.sandbox, helper); !checked) {
    return tl::unexpected("executors." + executor.name + ".sandbox: " + checked.error().message);
  }
  try {
    if (processes_ == nullptr) processes_ = std::make_unique<Processes>(helper);
  } catch (const std::system_error& error) {
    return tl::unexpected("executors." + executor.name + ": " + error.what());
  }
  // What another worker has, it alone knows.
  auto functions = has_own_worker(executor) ? functions_of(registry_) : std::vector<core::FunctionDescription>();
  auto added = std::make_unique<exec::ProcessExecutor>(process_options(executor), std::move(functions),
                                                       processes_->io.context(), processes_->launcher);
  starts_.emplace_back(
      [started = added.get()](core::FutureTable& table, const core::Clock& clock) { started->start(table, clock); });
  process_executors_.push_back(std::move(added));
  return {};
}

exec::ProcessExecutor::Options Executors::process_options(const ExecutorOptions& executor) const {
  exec::ProcessExecutor::Options options;
  options.max_workers = static_cast<unsigned>(executor.max_workers);
  options.max_tasks_per_child = executor.max_tasks_per_child;
  options.worker.executor = executor.name;
  options.worker.launch.argv = executor.worker;
  options.worker.launch.environment = executor.worker_environment;
  options.worker.launch.directory = executor.directory;
  options.worker.launch.sandbox = executor.sandbox;
  options.worker.initializer = executor.initializer;
  options.worker.initializer_program = executor.initializer_program;
  options.worker.plugins = options_.plugins;
  options.worker.max_value_size = options_.max_value_size;
  options.worker.max_frame_size = std::max(options_.max_value_size, options_.max_arguments_size) + kEnvelope;
  options.worker.kill_grace = executor.kill_grace;
  options.worker.stop_timeout = executor.stop_timeout;
  options.worker.start_timeout = executor.start_timeout;
  for (const FunctionOptions& function : options_.functions) {
    if (function.executor == executor.name) options.programs.push_back(function.program);
  }
  options.log = [this](const core::LeaseEntry* task, std::string_view worker, futured::LogLevel level,
                       std::string_view text) { log_task(task, worker, level, text); };
  return options;
}

void Executors::log_task(const core::LeaseEntry* task, std::string_view worker, futured::LogLevel level,
                         std::string_view text) const {
  if (task == nullptr) {
    const LogField fields[] = {{"worker", worker}};
    logger_.log(static_cast<LogLevel>(level), text, fields);
  } else {
    const LogField fields[] = {{"id", to_string(task->id)}, {"function", task->function->name}, {"worker", worker}};
    logger_.log(static_cast<LogLevel>(level), text, fields);
  }
}

}  // namespace futured::server
