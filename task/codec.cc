#include "futured/codec.h"

#include <boost/locale/utf.hpp>
#include <cmath>
#include <limits>

namespace futured::detail {
namespace {

bool is_utf8(std::string_view text) {
  namespace utf = boost::locale::utf;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    if (static_cast<unsigned char>(*at) < 0x80) {
      ++at;
      continue;
    }
    const auto point = utf::utf_traits<char>::decode(at, end);
    if (point == utf::illegal || point == utf::incomplete) return false;
  }
  return true;
}

std::string excerpt(const std::string& text) {
  constexpr std::size_t kShown = 40;
  return text.size() <= kShown ? "\"" + text + "\"" : std::to_string(text.size()) + " bytes";
}

template <class Message>
void parse_message(std::string_view bytes, Message& message) {
  constexpr auto kLargest = static_cast<std::size_t>(std::numeric_limits<int>::max());
  if (bytes.size() <= kLargest && message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  throw CodecError("", std::to_string(bytes.size()) + " bytes are no serialized " + Message::descriptor()->full_name());
}

template <class Message>
std::string serialize_message(const Message& message) {
  std::string bytes;
  if (!message.SerializeToString(&bytes)) throw CodecError("", "a value above 2 GiB cannot be encoded");
  return bytes;
}

}  // namespace

void parse(std::string_view bytes, v1::Value& value) { parse_message(bytes, value); }
void parse(std::string_view bytes, v1::Arguments& arguments) { parse_message(bytes, arguments); }
std::string serialize(const v1::Value& value) { return serialize_message(value); }
std::string serialize(const v1::Arguments& arguments) { return serialize_message(arguments); }

std::string describe(const v1::Value& value) {
  switch (value.kind_case()) {
    case v1::Value::kNullValue:
      return "null";
    case v1::Value::kBoolValue:
      return value.bool_value() ? "bool true" : "bool false";
    case v1::Value::kIntValue:
      return "integer " + std::to_string(value.int_value());
    case v1::Value::kUintValue:
      return "integer " + std::to_string(value.uint_value());
    case v1::Value::kDoubleValue:
      return "double " + std::to_string(value.double_value());
    case v1::Value::kStringValue:
      return "string " + excerpt(value.string_value());
    case v1::Value::kBytesValue:
      return std::to_string(value.bytes_value().size()) + " bytes";
    case v1::Value::kListValue:
      return "a list of " + std::to_string(value.list_value().items_size());
    case v1::Value::kMapValue:
      return "a map of " + std::to_string(value.map_value().entries_size());
    case v1::Value::kMessageValue:
      return "message " + value.message_value().type_url();
    case v1::Value::kOpaqueValue:
      return "opaque " + value.opaque_value().codec();
    case v1::Value::KIND_NOT_SET:
      return "a value without a kind";
  }
  return "?";
}

void throw_mismatch(const std::string& expected, const v1::Value& given) {
  throw CodecError("", "expected " + expected + ", got " + describe(given));
}

void rethrow_at(const std::string& place, const CodecError& error) {
  throw CodecError(place + error.place(), error.problem());
}

void throw_argument_error(std::string_view function, std::size_t position, const CodecError& error) {
  throw ArgumentError(std::string(function) + ": argument " + std::to_string(position) + error.place(),
                      error.problem());
}

void check_count(std::string_view function, const v1::Arguments& arguments, std::size_t expected,
                 const std::string& types) {
  if (!arguments.keyword().empty()) {
    std::string names;
    for (const auto& [name, value] : arguments.keyword()) names += (names.empty() ? "" : ", ") + name;
    throw ArgumentError(std::string(function), "a C++ function takes no arguments by name, got " + names);
  }
  throw ArgumentError(std::string(function), "expected " + std::to_string(expected) +
                                                 (expected == 1 ? " argument" : " arguments") +
                                                 (types.empty() ? "" : " (" + types + ")") + ", got " +
                                                 std::to_string(arguments.positional_size()));
}

void encode_text(std::string_view text, v1::Value& value) {
  if (!is_utf8(text)) {
    throw CodecError("", std::to_string(text.size()) + " bytes are no UTF-8 text; wrap them in futured::Bytes");
  }
  value.set_string_value(text.data(), text.size());
}

void encode_message(const google::protobuf::Message& message, v1::Value& value) {
  if (!value.mutable_message_value()->PackFrom(message)) {
    throw CodecError("", message.GetTypeName() + " lacks required fields");
  }
}

void decode_message(const v1::Value& value, google::protobuf::Message& message) {
  if (!value.has_message_value() || !value.message_value().UnpackTo(&message)) {
    throw_mismatch("message " + message.GetTypeName(), value);
  }
}

const v1::ValueList& list_of(const v1::Value& value, const std::string& expected) {
  if (!value.has_list_value()) throw_mismatch(expected, value);
  return value.list_value();
}

const v1::ValueMap& map_of(const v1::Value& value, const std::string& expected) {
  if (!value.has_map_value()) throw_mismatch(expected, value);
  return value.map_value();
}

void check_length(const v1::ValueList& list, std::size_t length, const std::string& expected) {
  if (static_cast<std::size_t>(list.items_size()) == length) return;
  throw CodecError("", "expected " + expected + ", got a list of " + std::to_string(list.items_size()));
}

std::int64_t signed_of(const v1::Value& value, std::int64_t least, std::int64_t most, const char* expected) {
  if (value.has_uint_value()) {
    if (value.uint_value() <= static_cast<std::uint64_t>(most)) return static_cast<std::int64_t>(value.uint_value());
  } else if (value.has_int_value()) {
    if (value.int_value() >= least && value.int_value() <= most) return value.int_value();
  } else {
    throw_mismatch(expected, value);
  }
  throw CodecError("", describe(value) + " does not fit " + expected);
}

std::uint64_t unsigned_of(const v1::Value& value, std::uint64_t most, const char* expected) {
  if (value.has_uint_value()) {
    if (value.uint_value() <= most) return value.uint_value();
  } else if (value.has_int_value()) {
    if (value.int_value() >= 0 && static_cast<std::uint64_t>(value.int_value()) <= most) {
      return static_cast<std::uint64_t>(value.int_value());
    }
  } else {
    throw_mismatch(expected, value);
  }
  throw CodecError("", describe(value) + " does not fit " + expected);
}

double double_of(const v1::Value& value) {
  if (value.has_double_value()) return value.double_value();
  // Integers up to 2^53 are exact.
  constexpr std::int64_t kExact = std::int64_t{1} << 53;
  if (!value.has_int_value() && !value.has_uint_value()) throw_mismatch("double", value);
  return static_cast<double>(signed_of(value, -kExact, kExact, "double exactly"));
}

}  // namespace futured::detail
