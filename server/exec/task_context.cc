#include "server/exec/task_context.h"

#include <boost/asio/steady_timer.hpp>
#include <utility>

namespace futured::exec {

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
