#include "server/exec/task_context.h"

#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "server/exec/log_lines.h"

namespace futured::exec {

void TaskContext::log(LogLevel level, std::string_view text) {
  if (surroundings_.log) surroundings_.log(entry().id, entry().function->name, level, text);
  if (!limit_.allows(surroundings_.clock.now())) return;
  const core::NewLogLine line = bounded_line(kind_of(level), text);
  surroundings_.table.append_log(lease_, index_, {&line, 1}, limit_.take_dropped());
}

void TaskContext::end_log() {
  if (const std::size_t dropped = limit_.take_dropped(); dropped > 0) {
    surroundings_.table.append_log(lease_, index_, {}, dropped);
  }
}

void TaskContext::progress(double fraction, std::string_view message) {
  std::call_once(reports_once_, [this] { make_reports(); });
  const auto due = reports_->add(fraction, message, surroundings_.clock.now());
  if (!due) return;
  // The function may have returned by then.
  const auto timer = std::make_shared<boost::asio::steady_timer>(surroundings_.pool, *due);
  timer->async_wait([timer, reports = reports_, &clock = surroundings_.clock](const boost::system::error_code&) {
    reports->flush(clock.now());
  });
}

// They keep the lease, whose entry tells the table which attempt they are about.
void TaskContext::make_reports() {
  reports_ = std::make_shared<ProgressReports>(
      [&table = surroundings_.table, lease = lease_.shared_from_this(), entry = index_](core::Progress progress) {
        table.report_progress(*lease, entry, std::move(progress));
      });
}

}  // namespace futured::exec
