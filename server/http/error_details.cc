#include "server/http/error_details.h"

#include <google/protobuf/any.pb.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

#include <memory>
#include <string_view>

#include "futured/v1/errors.pb.h"

namespace futured::http {
namespace {

namespace pb = google::protobuf;
using nlohmann::json;

constexpr std::string_view kRpc = "google.rpc.";

// The daemon's own messages are the bytes of google.rpc's of the same name.
const pb::Message* prototype_of(const std::string& type) {
  const std::string own = type.starts_with(kRpc) ? "futured.v1." + type.substr(kRpc.size()) : type;
  const pb::Descriptor* descriptor = pb::DescriptorPool::generated_pool()->FindMessageTypeByName(own);
  return descriptor == nullptr ? nullptr : pb::MessageFactory::generated_factory()->GetPrototype(descriptor);
}

json to_json(const pb::Any& detail) {
  json object = {{"@type", detail.type_url()}};
  const pb::Message* prototype = prototype_of(detail.type_url().substr(detail.type_url().rfind('/') + 1));
  if (prototype == nullptr) return object;
  const std::unique_ptr<pb::Message> message(prototype->New());
  std::string text;
  if (!message->ParseFromString(detail.value()) || !pb::util::MessageToJsonString(*message, &text).ok()) return object;
  json fields = json::parse(text);
  // Well-known types may be no objects in JSON.
  if (fields.is_object()) {
    object.update(fields);
  } else {
    object["value"] = std::move(fields);
  }
  return object;
}

}  // namespace

json details_as_json(const std::string& status) {
  json details = json::array();
  v1::ErrorStatus read;
  if (!read.ParseFromString(status)) return details;
  for (const pb::Any& detail : read.details()) details.push_back(to_json(detail));
  return details;
}

}  // namespace futured::http
