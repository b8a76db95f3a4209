#include "tests/bench/offered_load.h"

#include <memory>
#include <thread>
#include <utility>

namespace futured::bench {
namespace {

constexpr auto kDeadline = std::chrono::seconds(20);

}  // namespace

struct OfferedLoad::Call {
  grpc::ClientContext context;
  v1::SubmitResponse response;
  Clock::time_point sent = Clock::now();
};

OfferedLoad::Counts OfferedLoad::offer(double calls_per_second, Seconds time) {
  {
    const std::lock_guard lock(mutex_);
    counts_ = {};
  }
  const auto begin = Clock::now();
  const auto total = static_cast<std::uint64_t>(calls_per_second * time.count());
  for (std::uint64_t sent = 0; sent < total;) {
    const auto due = static_cast<std::uint64_t>(calls_per_second * since(begin).count());
    for (; sent < total && sent <= due; ++sent) send();
    const Seconds next(static_cast<double>(sent) / calls_per_second);
    std::this_thread::sleep_until(begin + std::chrono::duration_cast<Clock::duration>(next));
  }
  const std::lock_guard lock(mutex_);
  return std::exchange(counts_, {});
}

void OfferedLoad::finish() {
  for (auto left = under_way_.load(); left > 0; left = under_way_.load()) under_way_.wait(left);
}

void OfferedLoad::send() {
  under_way_.fetch_add(1);
  auto call = std::make_shared<Call>();
  call->context.set_deadline(std::chrono::system_clock::now() + kDeadline);
  stub_.async()->Submit(&call->context, &request_, &call->response, [this, call](const grpc::Status& status) {
    answered(*call, status);
    under_way_.fetch_sub(1);
    under_way_.notify_all();
  });
}

void OfferedLoad::answered(Call& call, const grpc::Status& status) {
  const double ms = since(call.sent).count() * 1e3;
  const std::lock_guard lock(mutex_);
  if (status.ok() && call.response.futures(0).outcome().has_value()) {
    ++counts_.done;
  } else if (status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED) {
    ++counts_.refused;
    counts_.refusal_ms.add(ms);
  } else {
    ++counts_.failed;
  }
}

}  // namespace futured::bench
