#include "client/cli/json_value.h"

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/wrappers.pb.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <new>
#include <optional>

#include "client/cli/failure.h"
#include "client/cli/names.h"
#include "client/cli/printable.h"
#include "futured/codec.h"
#include "futured/codec_error.h"

namespace futured::cli {
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
    throw Failure(ExitCode::kUsage, "not base64: " + dump(text));
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
  for (const auto& [key, item] : json.items()) entries[key] = to_value(item);
}

Json double_to_json(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  return number;
}

Json list_to_json(const v1::ValueList& list) {
  Json json = Json::array();
  for (const v1::Value& item : list.items()) json.push_back(to_json(item));
  return json;
}

// Sorted by key, as the protocol's map has no order.
Json map_to_json(const v1::ValueMap& map) {
  nlohmann::json sorted = nlohmann::json::object();
  for (const auto& [key, item] : map.entries()) sorted[key] = to_json(item);
  return sorted;
}

// Deeper ones cannot be read by the daemon, as protobuf stops there.
constexpr int kDeepest = 30;

std::optional<Json> parse(const std::string& text) {
  int deepest = 0;
  const auto measure = [&](int depth, Json::parse_event_t /*event*/, const Json& /*parsed*/) {
    deepest = std::max(deepest, depth);
    return true;
  };
  Json json = Json::parse(text, measure, false);
  if (json.is_discarded()) return std::nullopt;
  if (deepest > kDeepest) throw Failure(ExitCode::kUsage, "JSON nested deeper than " + std::to_string(kDeepest));
  return json;
}

}  // namespace

v1::Value to_value(const std::string& text, Reading reading) {
  if (reading == Reading::kJson) {
    if (const auto json = parse(text)) return to_value(*json);
  }
  v1::Value value;
  try {
    Codec<std::string>::encode(text, value);
  } catch (const CodecError&) {
    throw Failure(ExitCode::kUsage, "'" + printable(text) + "' is no UTF-8; give bytes as {\"base64\": \"...\"}");
  }
  return value;
}

v1::Value to_value(const Json& json) {
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
      for (const Json& item : json) *value.mutable_list_value()->add_items() = to_value(item);
      break;
    case Json::value_t::object:
      set_object(json, value);
      break;
    default:
      value.set_null_value(google::protobuf::NULL_VALUE);
  }
  return value;
}

Json to_json(const v1::Value& value) {
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

Json to_json(const v1::Error& error) {
  Json json{{"origin", short_name(v1::ErrorOrigin_Name(error.origin()), "ERROR_ORIGIN_")},
            {"type", error.type()},
            {"message", error.message()}};
  if (!error.traceback().empty()) json["traceback"] = error.traceback();
  if (error.attempt() != 0) json["attempt"] = error.attempt();
  if (!error.worker().empty()) json["worker"] = error.worker();
  if (error.has_cause()) json["cause"] = to_json(error.cause());
  return json;
}

std::string dump(const Json& json) { return printable(json.dump(-1, ' ', false, Json::error_handler_t::replace)); }

}  // namespace futured::cli
