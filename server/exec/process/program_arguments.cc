#include "server/exec/process/program_arguments.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <nlohmann/json.hpp>

#include "futured/codec_base.h"
#include "futured/json_value.h"

namespace futured::exec {
namespace {

[[noreturn]] void refuse(std::string_view function, const std::string& problem) {
  throw ArgumentError(std::string(function), problem);
}

// "2 arguments (image, size)"
std::string expected(const std::vector<std::string>& parameters) {
  return std::to_string(parameters.size()) + (parameters.size() == 1 ? " argument " : " arguments ") +
         parameter_list(parameters);
}

std::string without_nul(const std::string& text, const char* what) {
  if (text.find('\0') == std::string::npos) return text;
  throw CodecError("", std::string("expected ") + what + " without NUL, as no command line can hold one, got " +
                           std::to_string(text.size()) + " bytes with one");
}

std::string shortest(double number) {
  std::array<char, 32> text;
  const auto result = std::to_chars(text.data(), text.data() + text.size(), number);
  return {text.data(), result.ptr};
}

}  // namespace

std::string parameter_list(const std::vector<std::string>& parameters) {
  std::string list = "(";
  for (const std::string& name : parameters) list.append(list.size() > 1 ? ", " : "").append(name);
  return list + ")";
}

std::vector<const v1::Value*> bind_arguments(std::string_view function, const std::vector<std::string>& parameters,
                                             const v1::Arguments& arguments) {
  const auto given = static_cast<std::size_t>(arguments.positional_size());
  if (given > parameters.size()) {
    refuse(function, "expected " + expected(parameters) + ", got " + std::to_string(given));
  }
  std::vector<const v1::Value*> values(parameters.size(), nullptr);
  for (std::size_t i = 0; i < given; ++i) values[i] = &arguments.positional(static_cast<int>(i));
  for (const auto& [name, value] : arguments.keyword()) {
    const auto found = std::find(parameters.begin(), parameters.end(), name);
    if (found == parameters.end()) refuse(function, "expected " + expected(parameters) + ", got one named " + name);
    const v1::Value*& place = values[static_cast<std::size_t>(found - parameters.begin())];
    if (place != nullptr) refuse(function, "argument " + name + " is given twice, by position and by name");
    place = &value;
  }
  const auto missing = std::find(values.begin(), values.end(), nullptr);
  if (missing != values.end()) {
    refuse(function, "expected " + expected(parameters) + ", got " +
                         std::to_string(given + arguments.keyword().size()) + " without " +
                         parameters[static_cast<std::size_t>(missing - values.begin())]);
  }
  return values;
}

std::string command_text(const v1::Value& value) {
  switch (value.kind_case()) {
    case v1::Value::kStringValue:
      return without_nul(value.string_value(), "text");
    case v1::Value::kBytesValue:
      return without_nul(value.bytes_value(), "bytes");
    case v1::Value::kBoolValue:
      return value.bool_value() ? "true" : "false";
    case v1::Value::kIntValue:
      return std::to_string(value.int_value());
    case v1::Value::kUintValue:
      return std::to_string(value.uint_value());
    case v1::Value::kDoubleValue:
      return shortest(value.double_value());
    default:
      detail::throw_mismatch("text, bytes, a number or a bool", value);
  }
}

std::string input_text(const v1::Value& value) {
  if (value.has_string_value()) return value.string_value();
  if (value.has_bytes_value()) return value.bytes_value();
  return text_of(json_of(value));
}

}  // namespace futured::exec
