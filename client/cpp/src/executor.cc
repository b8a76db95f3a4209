#include "futured/executor.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "encoded_options.h"
#include "futured/v1/future.pb.h"
#include "futured/valid_text.h"
#include "session.h"
#include "trace_source.h"

namespace futured {
namespace {

std::shared_ptr<detail::Session> make_session(std::string address, ExecutorOptions options) {
  if (options.max_workers && *options.max_workers < 1) {
    throw std::invalid_argument("max_workers must be greater than 0");
  }
  detail::check_option_text("executor", options.executor);
  return std::make_shared<detail::Session>(std::move(address), std::move(options));
}

}  // namespace

namespace detail {
namespace {

// A message with text that is no UTF-8 would be lost, with all its calls. A name with question marks for it, which are
// in no name, is refused by the daemon, and only its own future fails. `kept`: where that one is.
std::string_view sendable(std::string_view function, std::string& kept) {
  if (std::ranges::all_of(function, [](char c) { return (c & '\x80') == 0; })) return function;
  return kept = valid_text(function, function.size());
}

}  // namespace

StatePtr Submission::submit(std::string_view function, std::string arguments) const {
  std::string kept;
  return session->submit(sendable(function, kept), std::move(arguments), with_current_trace(options));
}

void Submission::submit(std::string_view function, std::vector<std::string>& arguments,
                        std::vector<StatePtr>& futures) const {
  std::string kept;
  session->submit(sendable(function, kept), arguments, with_current_trace(options), futures);
  arguments.clear();
}

}  // namespace detail

Executor::Executor(std::string address, ExecutorOptions options)
    : Submitter({make_session(std::move(address), std::move(options)), nullptr}) {}

Executor& Executor::operator=(Executor&& other) noexcept {
  if (this != &other) {
    end();
    submission_ = std::move(other.submission_);
  }
  return *this;
}

Executor::~Executor() { end(); }

void Executor::end() noexcept {
  const auto session = std::move(submission_.session);
  if (!session) return;
  session->shutdown(true, false);
  session->close();
}

Submitter Executor::with(const CallOptions& options) const {
  return Submitter({submission_.session, detail::encode(options)});
}

void Executor::shutdown(bool wait, ShutdownOptions options) {
  submission_.session->shutdown(wait, options.cancel_futures);
}

void Executor::terminate_workers() { submission_.session->end_workers(v1::END_WORKERS_MODE_TERMINATE); }
void Executor::kill_workers() { submission_.session->end_workers(v1::END_WORKERS_MODE_KILL); }

detail::StatePtr Executor::attach_by_id(std::string id) const { return submission_.session->attach(std::move(id)); }

std::string Executor::session_id() const { return submission_.session->id(); }

}  // namespace futured
