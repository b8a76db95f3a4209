#include "client/cli/connection.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <stdexcept>
#include <thread>

#include "client/cli/printable.h"
#include "client/cli/refusal_text.h"
#include "client/cpp/src/refusal.h"

namespace futured::cli {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

// For calls that the daemon answers at once.
constexpr nanoseconds kPatience = std::chrono::seconds(10);
// The daemon's own answer that the time is up says more than a deadline.
constexpr nanoseconds kMargin = std::chrono::seconds(2);

constexpr nanoseconds kUnheardLimit = std::chrono::seconds(10);
constexpr nanoseconds kHeardLimit = std::chrono::seconds(60);

// What `make` gives, for which the credentials must be usable.
template <class Make>
auto with_credentials(Make make) {
  try {
    return make();
  } catch (const std::invalid_argument& error) {
    throw Failure(ExitCode::kUsage, error.what());
  }
}

detail::Connector connector_to(const Globals& globals) {
  return with_credentials([&] { return detail::Connector(globals.address, globals.credentials); });
}

detail::LoadedCredentials load(const detail::Connector& connector) {
  return with_credentials([&] { return connector.load(); });
}

ExitCode code_for(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::INVALID_ARGUMENT:
      return ExitCode::kUsage;
    case grpc::StatusCode::NOT_FOUND:
      return ExitCode::kNotFound;
    case grpc::StatusCode::UNAVAILABLE:
    // Nobody here cancels: a daemon that ends cancels calls that come in its last moment.
    case grpc::StatusCode::CANCELLED:
      return ExitCode::kUnavailable;
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return ExitCode::kTimeout;
    case grpc::StatusCode::UNAUTHENTICATED:
    case grpc::StatusCode::PERMISSION_DENIED:
      return ExitCode::kDenied;
    default:
      return ExitCode::kRefused;
  }
}

}  // namespace

void check_credentials(const Globals& globals) { connector_to(globals); }

Connection::Connection(const Globals& globals)
    : connector_(connector_to(globals)),
      end_(globals.timeout ? std::optional(steady_clock::now() + *globals.timeout) : std::nullopt),
      channel_(connector_.open(load(connector_))),
      retry_(detail::Retry::Limits{globals.retry.value_or(kUnheardLimit), globals.retry.value_or(kHeardLimit)}) {}

std::optional<nanoseconds> Connection::remaining() const {
  if (!end_) return std::nullopt;
  return std::max(*end_ - steady_clock::now(), nanoseconds(0));
}

void Connection::set_deadline(grpc::ClientContext& context, Kind kind) const {
  const auto left = remaining();
  if (kind == Kind::kWaiting && !left) return;
  const nanoseconds margin = kind == Kind::kShort ? nanoseconds(0) : kMargin;
  const nanoseconds length = left ? *left + margin : kPatience;
  context.set_deadline(std::chrono::system_clock::now() + length);
}

void Connection::prepare(grpc::ClientContext& context, Kind kind) const {
  set_deadline(context, kind);
  detail::authorize(context, load(connector_));
}

void Connection::repeat(const std::function<grpc::Status()>& make) {
  for (;;) {
    const grpc::Status status = make();
    if (status.ok()) return retry_.heard();
    if (!wait_after(status)) throw failure(status);
    channel_ = connector_.open(load(connector_));
  }
}

bool Connection::wait_after(const grpc::Status& status) {
  const auto delay = retry_.after(status);
  const auto left = remaining();
  if (!delay || (left && *left <= *delay)) return false;
  if (!told_ && isatty(STDERR_FILENO) == 1) {
    std::cerr << "futuredctl: " << printable(failure(status).what(), true) << "\nlooking for it again for "
              << show_duration(retry_.limit()) << std::endl;
  }
  told_ = true;
  if (pause_) return pause_(*delay);
  std::this_thread::sleep_for(*delay);
  return true;
}

void Connection::check(const grpc::Status& status) const {
  if (!status.ok()) throw failure(status);
}

Failure Connection::failure(const grpc::Status& status) const {
  const bool gone = status.error_code() == grpc::StatusCode::UNAVAILABLE ||
                    status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
  if (gone && channel_->GetState(false) != GRPC_CHANNEL_READY) {
    // With TLS the daemon may well be there, and one of the two not believe the other.
    const char* const hint = connector_.uses_tls() ? "" : "; start it with `futured`";
    return {ExitCode::kUnavailable,
            "cannot reach futured at " + connector_.address() + ": " + status.error_message() + hint};
  }
  return {code_for(status.error_code()), with_reason(status.error_message(), detail::refusal_of(status))};
}

}  // namespace futured::cli
