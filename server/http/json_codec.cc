#include "server/http/json_codec.h"

#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

#include <memory>

namespace futured::http {
namespace {

namespace pb = google::protobuf;

std::unique_ptr<pb::Message> make(const pb::Descriptor& type) {
  return std::unique_ptr<pb::Message>(pb::MessageFactory::generated_factory()->GetPrototype(&type)->New());
}

std::string text_of(const pb::util::Status& status) {
  const auto message = status.message();
  return {message.data(), message.size()};
}

}  // namespace

tl::expected<std::string, std::string> from_json(const pb::Descriptor& type, const std::string& text) {
  const auto message = make(type);
  const auto parsed = pb::util::JsonStringToMessage(text.empty() ? "{}" : text, message.get());
  if (!parsed.ok()) return tl::unexpected("the body is no " + type.name() + " in JSON: " + text_of(parsed));
  return message->SerializeAsString();
}

tl::expected<std::string, std::string> to_json(const pb::Descriptor& type, const std::string& bytes) {
  const auto message = make(type);
  std::string text;
  if (!message->ParseFromString(bytes)) return tl::unexpected<std::string>("the answer cannot be read");
  const auto printed = pb::util::MessageToJsonString(*message, &text);
  if (!printed.ok()) return tl::unexpected("the answer cannot be shown in JSON: " + text_of(printed));
  return text;
}

}  // namespace futured::http
