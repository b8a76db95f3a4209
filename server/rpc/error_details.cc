#include "server/rpc/error_details.h"

#include <cstddef>

#include "futured/v1/errors.pb.h"
#include "futured/valid_text.h"
#include "server/rpc/convert.h"

namespace futured::rpc {
namespace {

// Metadata of 8 KiB must hold the message twice, once as Base64.
constexpr std::size_t kLongestMessage = 1024;
constexpr std::size_t kLongestName = 256;

// Standard decoders know a detail by its URL.
void add(v1::ErrorStatus& status, const char* type, const google::protobuf::Message& detail) {
  google::protobuf::Any& any = *status.add_details();
  any.set_type_url(std::string("type.googleapis.com/google.rpc.") + type);
  detail.SerializeToString(any.mutable_value());
}

}  // namespace

std::string error_details(const core::Status& status) {
  v1::ErrorStatus proto;
  proto.set_code(static_cast<int>(status.code()));
  proto.set_message(valid_text(status.message, kLongestMessage));

  v1::ErrorInfo info;
  info.set_reason(std::string(to_string(status.reason)));
  info.set_domain("futured");
  add(proto, "ErrorInfo", info);
  if (status.retry_delay.count() > 0) {
    v1::RetryInfo retry;
    *retry.mutable_retry_delay() = to_proto(status.retry_delay);
    add(proto, "RetryInfo", retry);
  }
  if (!status.field.empty()) {
    v1::BadRequest bad;
    auto& violation = *bad.add_field_violations();
    violation.set_field(valid_text(status.field, kLongestName));
    violation.set_description(proto.message());
    add(proto, "BadRequest", bad);
  }
  if (!status.resource.type.empty()) {
    v1::ResourceInfo resource;
    resource.set_resource_type(std::string(status.resource.type));
    resource.set_resource_name(valid_text(status.resource.name, kLongestName));
    add(proto, "ResourceInfo", resource);
  }
  return proto.SerializeAsString();
}

}  // namespace futured::rpc
