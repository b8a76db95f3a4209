// Details: what the status of a refused call says beside code and message.
#pragma once

#include <grpcpp/grpcpp.h>

#include <string>

#include "futured/v1/errors.pb.h"

namespace futured::testing {

// Texts are empty where there is none.
struct Details {
  std::string reason;
  std::string field;
  // "future 0b5f…", for example.
  std::string resource;
};

inline Details details_of(const grpc::Status& status) {
  Details details;
  v1::ErrorStatus proto;
  if (!proto.ParseFromString(status.error_details())) return details;
  for (const auto& any : proto.details()) {
    v1::ErrorInfo info;
    v1::BadRequest bad;
    v1::ResourceInfo resource;
    if (any.type_url().ends_with("google.rpc.ErrorInfo") && info.ParseFromString(any.value())) {
      details.reason = info.reason();
    } else if (any.type_url().ends_with("google.rpc.BadRequest") && bad.ParseFromString(any.value())) {
      if (!bad.field_violations().empty()) details.field = bad.field_violations(0).field();
    } else if (any.type_url().ends_with("google.rpc.ResourceInfo") && resource.ParseFromString(any.value())) {
      details.resource = resource.resource_type() + " " + resource.resource_name();
    }
  }
  return details;
}

inline std::string reason_of(const grpc::Status& status) { return details_of(status).reason; }

}  // namespace futured::testing
