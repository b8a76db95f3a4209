#include "tests/crash/options.h"

#include <chrono>

#include "tests/crash/tasks.h"

namespace futured::crash {
namespace {

constexpr std::int32_t kMillisecond = 1'000'000;
constexpr std::int64_t kYear2000 = 946'684'800;

void retry(v1::Retry& retry) {
  retry.set_max_attempts(kMostAttempts);
  retry.mutable_delay()->set_nanos(kMillisecond);
  retry.mutable_max_delay()->set_nanos(10 * kMillisecond);
}

}  // namespace

v1::TaskOptions options_of(std::uint64_t key) {
  v1::TaskOptions options;
  switch (kind_of(key)) {
    case Kind::kDefault:
      break;
    case Kind::kAtMostOnce:
      options.set_at_most_once(true);
      break;
    case Kind::kRetrying:
      retry(*options.mutable_retry());
      break;
    case Kind::kDelayed:
      options.mutable_delay()->set_nanos(3 * kMillisecond);
      options.mutable_not_before()->set_seconds(kYear2000);
      break;
    case Kind::kExpiring:
      options.mutable_expires()->set_nanos(static_cast<std::int32_t>(kExpiresAfter.count()) * kMillisecond);
      break;
    case Kind::kNeverDue:
      options.mutable_delay()->set_seconds(3600);
      options.mutable_expires()->set_nanos(100 * kMillisecond);
      break;
    case Kind::kUrgent:
      options.set_priority(5);
      (*options.mutable_labels())["crash"] = "urgent";
      break;
  }
  return options;
}

bool are_alike(std::uint64_t a, std::uint64_t b) { return kind_of(a) == kind_of(b) && is_long(a) == is_long(b); }

}  // namespace futured::crash
