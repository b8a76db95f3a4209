// Checks of what clients send. Every failure names the field, the value and what is allowed.
#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "futured/v1/future.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "server/core/future_table.h"
#include "server/core/status.h"

namespace futured::rpc {

// What one call may ask for. Options of the daemon.
struct RequestLimits {
  // Of one task's serialized arguments, bytes.
  std::uint64_t max_arguments_size = std::uint64_t{4} << 20;
  // Also tasks of one Submit.
  std::uint64_t max_ids_per_call = 10'000;
  // Outcomes in an answer that carries many, bytes; a lone one may be larger. Below the 4 MiB that clients read when
  // nobody told them otherwise.
  std::uint64_t max_answer_size = std::uint64_t{3} << 20;
};

// Keeps the outcomes of one answer within RequestLimits::max_answer_size.
class OutcomeBudget {
 public:
  explicit OutcomeBudget(const RequestLimits& limits) : left_(limits.max_answer_size) {}
  // Whether one more fits. The first always does.
  bool take(const core::Outcome& outcome) { return take(outcome.size()); }
  bool take(std::uint64_t bytes);

 private:
  std::uint64_t left_;
  bool any_taken_ = false;
};

// The start of a client's text, with control characters escaped, for messages and logs.
std::string printable(std::string_view text);
// The same in quotation marks.
std::string in_quotes(std::string_view text);

// FIELD_INVALID.
tl::unexpected<core::Status> invalid(std::string_view field, const std::string& what);
// The same failure, for which what stands in a field is to blame.
core::Status in_field(std::string field, core::Status status);
core::Status too_large(std::string_view field, std::uint64_t size, std::uint64_t limit);
core::Result<void> check_function_name(std::string_view field, std::string_view name);
core::Result<core::Duration> to_duration(std::string_view field, const google::protobuf::Duration& duration);
// None when the field is not set.
core::Result<std::optional<core::Duration>> to_timeout(std::string_view field, bool is_set,
                                                       const google::protobuf::Duration& duration);
// Years 1970 to 2200.
core::Result<core::WallTime> to_wall_time(std::string_view field, const google::protobuf::Timestamp& time);

// How far a cancel goes. `prefix` stands before the names of the fields, as in "cancels.".
struct CancelHow {
  core::CancelMode mode = core::CancelMode::kPending;
  core::Duration grace{0};
};
core::Result<CancelHow> to_cancel(const std::string& prefix, v1::CancelMode mode,
                                  const google::protobuf::Duration& grace);

core::Result<core::FutureId> to_id(std::string_view field, std::string_view text);
core::Result<core::SessionId> to_session(std::string_view field, std::string_view text);
// At least one, and at most `limits.max_ids_per_call`.
core::Result<void> check_count(std::string_view field, std::string_view what, int count, const RequestLimits& limits);
core::Result<std::vector<core::FutureId>> to_ids(const google::protobuf::RepeatedPtrField<std::string>& ids,
                                                 const RequestLimits& limits);
// In the order in which they come first.
std::vector<core::FutureId> distinct(std::vector<core::FutureId> ids);
// Every value has a kind.
core::Result<void> check_arguments(std::string_view field, const v1::Arguments& arguments);

}  // namespace futured::rpc
