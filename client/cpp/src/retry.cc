#include "retry.h"

#include <grpcpp/support/status.h>

#include <algorithm>
#include <cstdint>
#include <thread>

#include "refusal.h"

namespace futured::detail {
namespace {

constexpr auto kFirstBackoff = std::chrono::milliseconds(50);
constexpr auto kLastBackoff = std::chrono::milliseconds(1000);

// By the daemon, which says that another one will answer.
bool goes_away(const Refusal& refusal) {
  return refusal.reason == "DAEMON_DRAINING" || refusal.reason == "DAEMON_STOPPING";
}

// By gRPC: nobody is there, or the connection broke. A daemon that ends cancels calls that come in its last moment.
bool is_out_of_reach(const grpc::Status& status, const Refusal& refusal) {
  return refusal.reason.empty() &&
         (status.error_code() == grpc::StatusCode::UNAVAILABLE || status.error_code() == grpc::StatusCode::CANCELLED);
}

}  // namespace

void Retry::heard() {
  heard_ = true;
  failures_ = 0;
  since_.reset();
}

std::optional<Retry::Duration> Retry::after(const grpc::Status& status) {
  const Refusal refusal = refusal_of(status);
  const bool told = goes_away(refusal);
  if (!told && !is_out_of_reach(status, refusal)) return std::nullopt;
  heard_ |= told;
  const auto now = std::chrono::steady_clock::now();
  if (!since_) since_ = now;
  const Duration left = *since_ + limit() - now;
  if (left <= Duration::zero()) return std::nullopt;
  return std::min(std::max<Duration>(backoff(), with_jitter(refusal.retry_delay, jitter_)), left);
}

Retry::Duration Retry::backoff() {
  const auto longest = std::min(kLastBackoff, kFirstBackoff * (1 << std::min(failures_, 6)));
  ++failures_;
  return std::chrono::milliseconds(
      std::uniform_int_distribution<std::int64_t>(longest.count() / 2, longest.count())(jitter_));
}

grpc::Status Retry::run(const std::function<grpc::Status()>& call) {
  for (;;) {
    grpc::Status status = call();
    if (status.ok()) return status;
    const auto delay = after(status);
    if (!delay) return status;
    std::this_thread::sleep_for(*delay);
  }
}

}  // namespace futured::detail
