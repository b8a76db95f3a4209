#include "futured/json_value.h"

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/wrappers.pb.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <new>
#include <nlohmann/json.hpp>

#include "futured/codec_error.h"

namespace futured {
namespace {

constexpr const char* kBase64 = "base64";

// Protobuf's own JSON writes bytes as base64.
Json base64(const std::string& bytes) {
  google::protobuf::BytesValue message;
  message.set_value(bytes);
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(message, &text).ok()) throw std::bad_alloc();
  return Json::parse(text);
}

std::string from_base64(const Json& text) {
  google::protobuf::BytesValue message;
  if (!google::protobuf::util::JsonStringToMessage(text.dump(), &message).ok()) {
    throw CodecError("", "not base64: " + text_of(text));
  }
  return message.value();
}

bool is_bytes(const Json& json) { return json.size() == 1 && json.contains(kBase64) && json[kBase64].is_string(); }

void set_number(const Json& json, v1::Value& value) {
  constexpr auto kMostSigned = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (json.is_number_float()) {
    value.set_double_value(json.get<double>());
  } else if (json.is_number_unsigned() && json.get<std::uint64_t>() > kMostSigned) {
    value.set_uint_value(json.get<std::uint64_t>());
  } else {
    value.set_int_value(json.get<std::int64_t>());
  }
}

void set_object(const Json& json, v1::Value& value) {
  if (is_bytes(json)) {
    value.set_bytes_value(from_base64(json[kBase64]));
    return;
  }
  auto& entries = *value.mutable_map_value()->mutable_entries();
  for (const auto& [key, item] : json.items()) entries[key] = value_of(item);
}

Json double_to_json(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  return number;
}

Json list_to_json(const v1::ValueList& list) {
  Json json = Json::array();
  for (const v1::Value& item : list.items()) json.push_back(json_of(item));
  return json;
}

// Sorted by key, as the protocol's map has no order.
Json map_to_json(const v1::ValueMap& map) {
  nlohmann::json sorted = nlohmann::json::object();
  for (const auto& [key, item] : map.entries()) sorted[key] = json_of(item);
  return sorted;
}

// Deeper ones cannot be read by the daemon, as protobuf stops there.
constexpr int kDeepest = 30;

}  // namespace

std::optional<Json> parse_json(std::string_view text) {
  int deepest = 0;
  const auto measure = [&](int depth, Json::parse_event_t /*event*/, const Json& /*parsed*/) {
    deepest = std::max(deepest, depth);
    return true;
  };
  Json json = Json::parse(text, measure, false);
  if (json.is_discarded()) return std::nullopt;
  if (deepest > kDeepest) throw CodecError("", "JSON nested deeper than " + std::to_string(kDeepest));
  return json;
}

v1::Value value_of(const Json& json) {
  v1::Value value;
  switch (json.type()) {
    case Json::value_t::boolean:
      value.set_bool_value(json.get<bool>());
      break;
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
    case Json::value_t::number_float:
      set_number(json, value);
      break;
    case Json::value_t::string:
      value.set_string_value(json.get<std::string>());
      break;
    case Json::value_t::array:
      value.mutable_list_value();
      for (const Json& item : json) *value.mutable_list_value()->add_items() = value_of(item);
      break;
    case Json::value_t::object:
      set_object(json, value);
      break;
    default:
      value.set_null_value(google::protobuf::NULL_VALUE);
  }
  return value;
}

Json json_of(const v1::Value& value) {
  switch (value.kind_case()) {
    case v1::Value::kBoolValue:
      return value.bool_value();
    case v1::Value::kIntValue:
      return value.int_value();
    case v1::Value::kUintValue:
      return value.uint_value();
    case v1::Value::kDoubleValue:
      return double_to_json(value.double_value());
    case v1::Value::kStringValue:
      return value.string_value();
    case v1::Value::kBytesValue:
      return {{kBase64, base64(value.bytes_value())}};
    case v1::Value::kListValue:
      return list_to_json(value.list_value());
    case v1::Value::kMapValue:
      return map_to_json(value.map_value());
    case v1::Value::kMessageValue:
      return {{"@type", value.message_value().type_url()}, {kBase64, base64(value.message_value().value())}};
    case v1::Value::kOpaqueValue:
      return {{"codec", value.opaque_value().codec()}, {kBase64, base64(value.opaque_value().data())}};
    default:
      return nullptr;
  }
}

std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace futured
