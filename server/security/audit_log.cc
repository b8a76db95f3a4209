#include "server/security/audit_log.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>
#include <vector>

#include "server/log_line.h"

namespace futured::security {
namespace {

constexpr mode_t kOwnersAlone = 0600;

// -1 and errno; a file that others may read or write is refused with EACCES.
int open_file(const std::string& path) {
  const int descriptor =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, kOwnersAlone);
  struct stat status {};
  if (descriptor < 0 || ::fstat(descriptor, &status) != 0) return descriptor;
  if (S_ISREG(status.st_mode) && (status.st_mode & (S_IRWXG | S_IRWXO)) == 0) return descriptor;
  ::close(descriptor);
  errno = EACCES;
  return -1;
}

std::string complaint(const std::string& path) {
  const std::string hint = errno == EACCES ? "; it must be a regular file of the mode 0600" : "";
  return path + ": " + std::generic_category().message(errno) + hint;
}

std::string line_of(const AuditRecord& record) {
  std::vector<server::LogField> fields;
  const auto add = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) fields.emplace_back(key, value);
  };
  add("reason", record.reason);
  add("identity", record.identity);
  add("namespace", record.name_space);
  add("peer", record.peer);
  add("verb", record.verb);
  add("rpc", record.rpc);
  if (record.ids > 0) fields.emplace_back("ids", record.ids);
  add("first_id", record.first_id);
  add("executor", record.executor);
  add("function", record.function);
  return server::log_line(server::LogFormat::kJson, record.time,
                          record.allowed ? server::LogLevel::kInfo : server::LogLevel::kWarning,
                          record.allowed ? "allowed" : "denied", fields);
}

}  // namespace

tl::expected<std::unique_ptr<AuditLog>, std::string> AuditLog::open(Settings settings) {
  const int descriptor = open_file(settings.path);
  if (descriptor < 0) return tl::unexpected(complaint(settings.path));
  return std::unique_ptr<AuditLog>(new AuditLog(std::move(settings), descriptor));
}

AuditLog::AuditLog(Settings settings, int descriptor)
    : settings_(std::move(settings)), descriptor_(descriptor), thread_([this] { run(); }) {}

AuditLog::~AuditLog() {
  {
    const core::MutexLock lock(mu_);
    stopping_ = true;
    changed_.notify_one();
  }
  thread_.join();
  ::close(descriptor_);
}

void AuditLog::record(AuditRecord record) {
  const core::MutexLock lock(mu_);
  if (is_full_locked() && (record.allowed || allowed_.empty())) {
    ++(record.allowed ? stats_.dropped_allowed : stats_.dropped_denied);
    return;
  }
  if (is_full_locked()) {
    allowed_.pop_front();
    ++stats_.dropped_allowed;
  }
  if (allowed_.empty() && denied_.empty()) changed_.notify_one();
  auto& queue = record.allowed ? allowed_ : denied_;
  queue.push_back({next_++, std::move(record)});
}

void AuditLog::reopen() {
  const core::MutexLock lock(mu_);
  reopen_ = true;
  changed_.notify_one();
}

AuditLog::Stats AuditLog::stats() const {
  const core::MutexLock lock(mu_);
  return stats_;
}

void AuditLog::run() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  for (bool stopping = false; !stopping;) {
    std::deque<Waiting> allowed;
    std::deque<Waiting> denied;
    bool reopen = false;
    std::uint64_t dropped = 0;
    {
      const core::MutexLock lock(mu_);
      while (!stopping_ && !reopen_ && allowed_.empty() && denied_.empty()) changed_.wait(mu_);
      allowed.swap(allowed_);
      denied.swap(denied_);
      reopen = std::exchange(reopen_, false);
      stopping = stopping_;
      dropped = stats_.dropped_allowed + stats_.dropped_denied;
    }
    const std::uint64_t count = allowed.size() + denied.size();
    if (count > 0) write(lines_of(std::move(allowed), std::move(denied)), count);
    if (dropped > told_)
      trouble(std::to_string(dropped - std::exchange(told_, dropped)) + " lines were dropped, as too many waited");
    if (reopen) open_again();
  }
}

std::string AuditLog::lines_of(std::deque<Waiting> allowed, std::deque<Waiting> denied) {
  std::string lines;
  while (!allowed.empty() || !denied.empty()) {
    const bool take_denied = allowed.empty() || (!denied.empty() && denied.front().number < allowed.front().number);
    auto& queue = take_denied ? denied : allowed;
    lines += line_of(queue.front().record);
    queue.pop_front();
  }
  return lines;
}

void AuditLog::write(const std::string& lines, std::uint64_t count) {
  // What is left of a line that was broken off does not spoil the next.
  if (torn_ && ::write(descriptor_, "\n", 1) == 1) torn_ = false;
  std::string_view rest = lines;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) break;
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  const bool failed = !rest.empty();
  if (failed) {
    trouble(complaint(settings_.path));
    torn_ = torn_ || rest.size() < lines.size();
  } else {
    in_trouble_ = false;
  }
  const core::MutexLock lock(mu_);
  (failed ? stats_.failed : stats_.written) += count;
}

void AuditLog::open_again() {
  const int again = open_file(settings_.path);
  if (again < 0) {
    in_trouble_ = false;
    return trouble(complaint(settings_.path));
  }
  ::close(std::exchange(descriptor_, again));
}

void AuditLog::trouble(const std::string& what) {
  if (!in_trouble_ && settings_.on_trouble) settings_.on_trouble(what);
  in_trouble_ = true;
}

}  // namespace futured::security
