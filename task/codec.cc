#include "futured/codec.h"

#include <google/protobuf/any.pb.h>

#include <array>
#include <bit>
#include <boost/locale/utf.hpp>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <set>
#include <utility>

namespace futured::detail {
namespace {

// Where the text stops being plain ASCII, give or take a word.
const char* skip_ascii(const char* at, const char* end) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  for (std::uint64_t word = 0; end - at >= std::ptrdiff_t{sizeof(word)}; at += sizeof(word)) {
    std::memcpy(&word, at, sizeof(word));
    if ((word & kHighBits) != 0) break;
  }
  return at;
}

bool is_utf8(std::string_view text) {
  namespace utf = boost::locale::utf;
  const char* const end = text.data() + text.size();
  const char* at = skip_ascii(text.data(), end);
  while (at != end) {
    const auto point = utf::utf_traits<char>::decode(at, end);
    if (point == utf::illegal || point == utf::incomplete) return false;
  }
  return true;
}

std::string excerpt(const std::string& text) {
  constexpr std::size_t kShown = 40;
  return text.size() <= kShown ? "\"" + text + "\"" : "of " + std::to_string(text.size()) + " bytes";
}

std::string number_of(const v1::Value& value) {
  return value.has_int_value() ? std::to_string(value.int_value()) : std::to_string(value.uint_value());
}

// The shortest text that reads back as the same number.
std::string text_of(double number) {
  std::array<char, 32> text;
  const auto result = std::to_chars(text.data(), text.data() + text.size(), number);
  return {text.data(), result.ptr};
}

bool is_exact_double(std::uint64_t magnitude) {
  constexpr int kMantissa = std::numeric_limits<double>::digits;
  return magnitude == 0 || std::bit_width(magnitude >> std::countr_zero(magnitude)) <= kMantissa;
}

bool parse_message(std::string_view bytes, google::protobuf::MessageLite& message) {
  constexpr auto kLargest = static_cast<std::size_t>(std::numeric_limits<int>::max());
  return bytes.size() <= kLargest && message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

std::string malformed(std::string_view bytes, const google::protobuf::MessageLite& message) {
  return "malformed: " + std::to_string(bytes.size()) + " bytes are no serialized " + message.GetTypeName();
}

std::string serialize_message(const google::protobuf::MessageLite& message) {
  std::string bytes;
  if (!message.SerializeToString(&bytes)) throw ValueTooLarge("", "a value above 2 GiB cannot be encoded");
  return bytes;
}

}  // namespace

void parse(std::string_view bytes, v1::Value& value) {
  if (!parse_message(bytes, value)) throw CodecError("", malformed(bytes, value));
}

void parse(std::string_view function, std::string_view bytes, v1::Arguments& arguments) {
  if (!parse_message(bytes, arguments)) throw ArgumentError(std::string(function), malformed(bytes, arguments));
}

std::string serialize(const v1::Value& value) { return serialize_message(value); }
std::string serialize(const v1::Arguments& arguments) { return serialize_message(arguments); }

std::string describe(const v1::Value& value) {
  switch (value.kind_case()) {
    case v1::Value::kNullValue:
      return "null";
    case v1::Value::kBoolValue:
      return value.bool_value() ? "bool true" : "bool false";
    case v1::Value::kIntValue:
    case v1::Value::kUintValue:
      return "integer " + number_of(value);
    case v1::Value::kDoubleValue:
      return "double " + text_of(value.double_value());
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

void throw_misfit(const std::string& number, const std::string& expected) {
  throw CodecError("", number + " does not fit " + expected);
}

void rethrow_at(const std::string& place, const CodecError& error) {
  throw CodecError(place + error.place(), error.problem());
}

void throw_argument_error(std::string_view function, std::size_t position, const CodecError& error) {
  const std::string prefix = function.empty() ? "" : std::string(function) + ": ";
  throw ArgumentError(prefix + "argument " + std::to_string(position) + error.place(), error.problem());
}

void throw_result_error(std::string_view function, const std::string& type, const CodecError& error) {
  const std::string place = std::string(function) + ": " + type + " result" + error.place();
  if (dynamic_cast<const ValueTooLarge*>(&error) != nullptr) throw ValueTooLarge(place, error.problem());
  throw ResultError(place, error.problem());
}

void throw_wrong_arguments(std::string_view function, const v1::Arguments& arguments, std::size_t expected,
                           const std::string& types) {
  if (!arguments.keyword().empty()) {
    std::set<std::string_view> names;
    for (const auto& [name, value] : arguments.keyword()) names.insert(name);
    std::string list;
    for (const auto name : names) list.append(list.empty() ? "" : ", ").append(name);
    throw ArgumentError(std::string(function), "a C++ function takes no arguments by name, got " + list);
  }
  throw ArgumentError(std::string(function), "expected " + std::to_string(expected) +
                                                 (expected == 1 ? " argument" : " arguments") +
                                                 (types.empty() ? "" : " (" + types + ")") + ", got " +
                                                 std::to_string(arguments.positional_size()));
}

void check_text(std::string_view text) {
  if (is_utf8(text)) return;
  throw CodecError("", std::to_string(text.size()) + " bytes are no UTF-8 text; use futured::Bytes for them");
}

void encode_text(std::string_view text, v1::Value& value) {
  check_text(text);
  value.set_string_value(text.data(), text.size());
}

void encode_message(const google::protobuf::Message& message, v1::Value& value) {
  if (!value.mutable_message_value()->PackFrom(message)) {
    throw CodecError("", message.GetTypeName() + " lacks required fields");
  }
}

void decode_message(const v1::Value& value, google::protobuf::Message& message) {
  const std::string name = message.GetTypeName();
  std::string given;
  if (!value.has_message_value() || !google::protobuf::Any::ParseAnyTypeUrl(value.message_value().type_url(), &given) ||
      given != name) {
    throw_mismatch("message " + name, value);
  }
  if (!value.message_value().UnpackTo(&message))
    throw CodecError("", malformed(value.message_value().value(), message));
}

void check_length(const v1::ValueList& list, std::size_t length, std::string (*name_of_type)()) {
  if (static_cast<std::size_t>(list.items_size()) == length) return;
  throw CodecError("", "expected " + name_of_type() + ", got a list of " + std::to_string(list.items_size()));
}

std::int64_t decode_signed(const v1::Value& value, std::int64_t least, std::int64_t most, const char* expected) {
  if (value.has_int_value()) {
    if (value.int_value() >= least && value.int_value() <= most) return value.int_value();
  } else if (value.has_uint_value()) {
    if (std::cmp_less_equal(value.uint_value(), most)) return static_cast<std::int64_t>(value.uint_value());
  } else {
    throw_mismatch(expected, value);
  }
  throw_misfit(number_of(value), expected);
}

std::uint64_t decode_unsigned(const v1::Value& value, std::uint64_t most, const char* expected) {
  if (value.has_uint_value()) {
    if (value.uint_value() <= most) return value.uint_value();
  } else if (value.has_int_value()) {
    const std::int64_t number = value.int_value();
    if (number >= 0 && std::cmp_less_equal(number, most)) return static_cast<std::uint64_t>(number);
  } else {
    throw_mismatch(expected, value);
  }
  throw_misfit(number_of(value), expected);
}

double decode_double(const v1::Value& value, const char* expected) {
  if (value.has_double_value()) return value.double_value();
  if (value.has_uint_value()) {
    if (is_exact_double(value.uint_value())) return static_cast<double>(value.uint_value());
  } else if (value.has_int_value()) {
    const auto number = value.int_value();
    const auto bits = static_cast<std::uint64_t>(number);
    if (is_exact_double(number < 0 ? 0 - bits : bits)) return static_cast<double>(number);
  } else {
    throw_mismatch(expected, value);
  }
  throw_misfit(number_of(value), std::string(expected) + " exactly");
}

float decode_float(const v1::Value& value) {
  constexpr const char* kName = "float";
  const double number = decode_double(value, kName);
  if (std::isfinite(number) && std::abs(number) > std::numeric_limits<float>::max())
    throw_misfit(text_of(number), kName);
  return static_cast<float>(number);
}

}  // namespace futured::detail
