#include "client/cli/connection.h"

#include <algorithm>

#include "client/cli/failure.h"
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

std::shared_ptr<grpc::Channel> open(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetMaxReceiveMessageSize(-1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
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
    default:
      return ExitCode::kRefused;
  }
}

}  // namespace

Connection::Connection(const Globals& globals)
    : address_(globals.address),
      end_(globals.timeout ? std::optional(steady_clock::now() + *globals.timeout) : std::nullopt),
      channel_(open(globals.address)),
      futures_(v1::FutureService::NewStub(channel_)),
      executors_(v1::ExecutorService::NewStub(channel_)),
      store_(v1::StoreService::NewStub(channel_)) {}

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

void Connection::check(const grpc::Status& status) const {
  if (status.ok()) return;
  const bool gone = status.error_code() == grpc::StatusCode::UNAVAILABLE ||
                    status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
  if (gone && channel_->GetState(false) != GRPC_CHANNEL_READY) {
    throw Failure(ExitCode::kUnavailable,
                  "cannot reach futured at " + address_ + ": " + status.error_message() + "; start it with `futured`");
  }
  throw Failure(code_for(status.error_code()), with_reason(status.error_message(), detail::refusal_of(status)));
}

}  // namespace futured::cli
