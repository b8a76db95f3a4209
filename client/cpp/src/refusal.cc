#include "refusal.h"

#include <google/protobuf/util/time_util.h>
#include <grpcpp/support/status.h>

#include <algorithm>
#include <string_view>

#include "futured/v1/errors.pb.h"

namespace futured::detail {
namespace {

using google::protobuf::util::TimeUtil;

std::chrono::milliseconds to_delay(const google::protobuf::Duration& duration) {
  return std::chrono::milliseconds(std::max<std::int64_t>(TimeUtil::DurationToMilliseconds(duration), 0));
}

// The kind of a detail is the end of its URL.
template <class Detail>
bool parse(const google::protobuf::Any& any, std::string_view type, Detail& detail) {
  return any.type_url().ends_with(type) && detail.ParseFromString(any.value());
}

void add(const google::protobuf::Any& any, Refusal& refusal) {
  v1::ErrorInfo info;
  v1::RetryInfo retry;
  v1::BadRequest bad;
  if (parse(any, "/google.rpc.ErrorInfo", info)) {
    refusal.reason = info.reason();
  } else if (parse(any, "/google.rpc.RetryInfo", retry)) {
    refusal.retry_delay = to_delay(retry.retry_delay());
  } else if (parse(any, "/google.rpc.BadRequest", bad) && !bad.field_violations().empty()) {
    refusal.field = bad.field_violations(0).field();
  }
}

}  // namespace

Refusal refusal_of(const grpc::Status& status) {
  Refusal refusal;
  v1::ErrorStatus proto;
  if (!proto.ParseFromString(status.error_details())) return refusal;
  for (const auto& any : proto.details()) add(any, refusal);
  return refusal;
}

Refusal refusal_of(const v1::SessionRefusal& refusal) {
  return {refusal.reason(), to_delay(refusal.retry_delay()), refusal.field()};
}

}  // namespace futured::detail
