#include "server/log.h"

#include <poll.h>
#include <pthread.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/sink.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <climits>
#include <csignal>
#include <functional>
#include <semaphore>

namespace futured::server {
namespace {

constexpr std::chrono::milliseconds kLastWords{500};

// Writes lines to a descriptor that may block, and gives up when told to stop.
class DescriptorSink final : public spdlog::sinks::sink {
 public:
  explicit DescriptorSink(int descriptor) : descriptor_(descriptor), stopped_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~DescriptorSink() override { close(stopped_); }

  void log(const spdlog::details::log_msg& message) override {
    const std::string_view line(message.payload.data(), message.payload.size());
    if (!write_line(line)) ++lost_;
    after_line();
  }
  void flush() override { flushed.release(); }
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

  // From any thread: what is not written within kLastWords will be lost.
  void stop() {
    give_up_at_ = std::chrono::steady_clock::now() + kLastWords;
    eventfd_write(stopped_, 1);
  }
  // Writes at once, from the writing thread only.
  bool write_line(std::string_view line) {
    while (!line.empty()) {
      if (!wait_until_writable()) return false;
      // A pipe that is writable has room for this much, so that the write does not block.
      const ssize_t written = write(descriptor_, line.data(), std::min<std::size_t>(line.size(), PIPE_BUF));
      if (written < 0 && errno != EAGAIN && errno != EINTR) return false;
      if (written > 0) line.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
  }
  std::uint64_t lost() const { return lost_; }

  // Called on the writing thread after each line.
  std::function<void()> after_line = [] {};
  // Goes up when the lines before a flush are written.
  std::counting_semaphore<> flushed{0};

 private:
  bool wait_until_writable() {
    for (;;) {
      pollfd fds[] = {{descriptor_, POLLOUT, 0}, {stopped_, POLLIN, 0}};
      const auto give_up_at = give_up_at_.load();
      const bool stopping = give_up_at != std::chrono::steady_clock::time_point::max();
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(give_up_at - std::chrono::steady_clock::now());
      const int timeout = stopping ? static_cast<int>(std::max<std::int64_t>(0, left.count())) : -1;
      const int ready = poll(fds, stopping ? 1 : 2, timeout);
      if (fds[0].revents != 0) return true;
      if (ready == 0 || (ready < 0 && errno != EINTR)) return false;
    }
  }

  const int descriptor_;
  const int stopped_;
  std::atomic<std::chrono::steady_clock::time_point> give_up_at_ = std::chrono::steady_clock::time_point::max();
  std::atomic<std::uint64_t> lost_ = 0;
};

// Signals are for other threads, and a closed pipe is an error code.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

struct Logger::Writer {
  Writer(const Settings& settings, const core::Clock& clock)
      : sink(std::make_shared<DescriptorSink>(settings.descriptor)) {
    sink->after_line = [this, &clock, format = settings.format] { report_dropped(clock, format); };
    auto pool = std::make_shared<spdlog::details::thread_pool>(settings.queue, 1, block_signals);
    counters = pool.get();
    logger = std::make_shared<spdlog::async_logger>("", sink, pool, spdlog::async_overflow_policy::overrun_oldest);
    logger->set_level(spdlog::level::trace);
    threads = std::move(pool);
  }
  ~Writer() {
    sink->stop();
    threads.reset();
  }

  void report_dropped(const core::Clock& clock, LogFormat format) {
    const std::uint64_t total = dropped();
    if (total == reported) return;
    const LogField fields[] = {{"lines", total - reported}};
    const std::string line = log_line(format, clock.wall_time(), LogLevel::kWarning, "log lines dropped", fields);
    if (sink->write_line(line)) reported = total;
  }
  std::uint64_t dropped() const { return counters->overrun_counter() + sink->lost(); }

  std::shared_ptr<DescriptorSink> sink;
  std::shared_ptr<spdlog::async_logger> logger;
  // Its destruction writes what waits; `counters` is the same object, for the writing thread to look at meanwhile.
  std::shared_ptr<spdlog::details::thread_pool> threads;
  spdlog::details::thread_pool* counters = nullptr;
  // Of the writing thread.
  std::uint64_t reported = 0;
};

Logger::Logger(const Settings& settings, const core::Clock& clock)
    : settings_(settings),
      clock_(clock),
      repeats_(settings.repeats),
      writer_(std::make_unique<Writer>(settings_, clock_)) {}

Logger::~Logger() {
  core::MutexLock lock(mu_);
  tell_repeated(repeats_.take_all());
}

void Logger::log(LogLevel level, std::string_view message, std::span<const LogField> fields) {
  if (!writes(level)) return;
  const core::Time now = clock_.now();
  core::MutexLock lock(mu_);
  tell_repeated(repeats_.take_over(now));
  if (repeats_.admits(level, message, fields, now)) write(level, message, fields);
}

void Logger::write(LogLevel level, std::string_view message, std::span<const LogField> fields) {
  const std::string line = log_line(settings_.format, clock_.wall_time(), level, message, fields);
  writer_->logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

void Logger::tell_repeated(std::vector<LogRepeats::Repeated> all) {
  for (LogRepeats::Repeated& line : all) {
    line.fields.emplace_back("repeated", line.times);
    write(line.level, line.message, line.fields);
  }
}

void Logger::flush() {
  {
    core::MutexLock lock(mu_);
    tell_repeated(repeats_.take_all());
  }
  while (writer_->sink->flushed.try_acquire()) {
    // Left over by a flush that took too long.
  }
  writer_->logger->flush();
  (void)writer_->sink->flushed.try_acquire_for(kLastWords);
}

std::uint64_t Logger::dropped() const { return writer_->dropped(); }

}  // namespace futured::server
