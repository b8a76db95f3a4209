#include "server/http/error_details.h"

#include <google/protobuf/any.pb.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/unknown_field_set.h>
#include <google/protobuf/util/json_util.h>

#include <memory>

namespace futured::http {
namespace {

namespace pb = google::protobuf;
using nlohmann::json;

// google.rpc.Status.details
constexpr int kDetailsField = 3;

// The daemon's own messages are wire-compatible with google.rpc's of the same name.
const pb::Message* prototype_of(const std::string& type) {
  const pb::Descriptor* descriptor = pb::DescriptorPool::generated_pool()->FindMessageTypeByName(type);
  if (descriptor == nullptr) {
    const std::string own = "futured.v1." + type.substr(type.rfind('.') + 1);
    descriptor = pb::DescriptorPool::generated_pool()->FindMessageTypeByName(own);
  }
  return descriptor == nullptr ? nullptr : pb::MessageFactory::generated_factory()->GetPrototype(descriptor);
}

json to_json(const pb::Any& detail) {
  json object = {{"@type", detail.type_url()}};
  const pb::Message* prototype = prototype_of(detail.type_url().substr(detail.type_url().rfind('/') + 1));
  if (prototype == nullptr) return object;
  const std::unique_ptr<pb::Message> message(prototype->New());
  std::string text;
  if (!message->ParseFromString(detail.value()) || !pb::util::MessageToJsonString(*message, &text).ok()) return object;
  object.update(json::parse(text));
  return object;
}

}  // namespace

json details_as_json(const std::string& status) {
  json details = json::array();
  pb::UnknownFieldSet fields;
  if (!fields.ParseFromString(status)) return details;
  for (int i = 0; i < fields.field_count(); ++i) {
    const pb::UnknownField& field = fields.field(i);
    pb::Any detail;
    if (field.number() != kDetailsField || field.type() != pb::UnknownField::TYPE_LENGTH_DELIMITED) continue;
    if (detail.ParseFromString(field.length_delimited())) details.push_back(to_json(detail));
  }
  return details;
}

}  // namespace futured::http
