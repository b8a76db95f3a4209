// Conversion between C++ values and futured.v1.Value, and the serialized forms that travel.
//
//   bool, integers of every width, float, double   the number, range-checked; an integer fits a double when exact
//   std::string                                    UTF-8 text
//   futured::Bytes                                 bytes
//   std::vector, std::array, std::pair, std::tuple list
//   std::map, std::unordered_map                   map when keyed by text, else a list of [key, value]
//   std::optional, std::monostate, void            null
//   a protobuf message                             google.protobuf.Any
//   a struct listed by FUTURED_STRUCT              map from member to value
//   futured::v1::Value                             as it is
//
// All functions may be called from any thread. Conversion errors are CodecError.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "futured/codec_error.h"
#include "futured/codec_types.h"
#include "futured/v1/value.pb.h"

namespace futured {
namespace detail {

// Serialized Value of nothing: field 1, NULL_VALUE.
inline constexpr std::string_view kNullValue{"\x08\x00", 2};

// Above this size, a message is not kept for the next call.
inline constexpr std::size_t kKeptSize = 1 << 16;

// Parse or throw CodecError naming `what`.
void parse(std::string_view bytes, v1::Value& value);
void parse(std::string_view bytes, v1::Arguments& arguments);
std::string serialize(const v1::Value& value);
std::string serialize(const v1::Arguments& arguments);

// Throws ArgumentError unless there are `expected` positional arguments and no others.
void check_count(std::string_view function, const v1::Arguments& arguments, std::size_t expected,
                 const std::string& types);
[[noreturn]] void throw_argument_error(std::string_view function, std::size_t position, const CodecError& error);

template <class... Args>
std::string type_names() {
  std::string names;
  ((names += (names.empty() ? "" : ", ") + Codec<Args>::name()), ...);
  return names;
}

template <class T>
T decode_argument(std::string_view function, std::size_t position, const v1::Value& value) {
  try {
    return Codec<T>::decode(value);
  } catch (const CodecError& error) {
    throw_argument_error(function, position, error);
  }
}

template <class... Args, std::size_t... I>
std::tuple<Args...> decode_each([[maybe_unused]] std::string_view function, const v1::Arguments& arguments,
                                std::index_sequence<I...>) {
  // Braces keep the order.
  return std::tuple<Args...>{decode_argument<Args>(function, I + 1, arguments.positional(static_cast<int>(I)))...};
}

// A message of this thread's, that keeps its memory from call to call. Not for use while another function of this file
// may run.
template <class Message>
Message& kept_message() {
  thread_local Message message;
  return message;
}
// Gives back the memory of a message that grew large.
template <class Message>
void trim(Message& message, std::size_t serialized_size) {
  if (serialized_size > kKeptSize) Message().Swap(&message);
}

}  // namespace detail

// Serialized futured.v1.Arguments of a call, each argument converted to the parameter's type first.
template <class... Params, class... Args>
requires(sizeof...(Params) == sizeof...(Args)) std::string encode_call(Args&&... args) {
  if constexpr (sizeof...(Params) == 0) {
    return {};
  } else {
    auto& arguments = detail::kept_message<v1::Arguments>();
    arguments.Clear();
    (Codec<Params>::encode(static_cast<const Params&>(Params(std::forward<Args>(args))), *arguments.add_positional()),
     ...);
    std::string bytes = detail::serialize(arguments);
    detail::trim(arguments, bytes.size());
    return bytes;
  }
}

// Serialized futured.v1.Arguments of a call with these very types.
template <class... Args>
std::string encode_arguments(const Args&... args) {
  return encode_call<Args...>(args...);
}

// The arguments of a call of `function`. Throws ArgumentError, which names function, position, expected and given type.
template <class... Args>
std::tuple<Args...> decode_arguments(std::string_view function, std::string_view bytes) {
  if (sizeof...(Args) == 0 && bytes.empty()) return std::tuple<Args...>();
  auto& arguments = detail::kept_message<v1::Arguments>();
  detail::parse(bytes, arguments);
  if (static_cast<std::size_t>(arguments.positional_size()) != sizeof...(Args) || !arguments.keyword().empty()) {
    detail::check_count(function, arguments, sizeof...(Args), detail::type_names<Args...>());
  }
  auto decoded = detail::decode_each<Args...>(function, arguments, std::index_sequence_for<Args...>());
  detail::trim(arguments, bytes.size());
  return decoded;
}

// Serialized futured.v1.Value.
template <class T>
std::string encode_value(const T& object) {
  auto& value = detail::kept_message<v1::Value>();
  value.Clear();
  Codec<T>::encode(object, value);
  std::string bytes = detail::serialize(value);
  detail::trim(value, bytes.size());
  return bytes;
}
// Of a function that returns nothing.
inline std::string encode_nothing() { return std::string(detail::kNullValue); }

// The object of a serialized futured.v1.Value. For void: checks nothing.
template <class T>
T decode_value(std::string_view bytes) {
  if constexpr (!std::is_void_v<T>) {
    auto& value = detail::kept_message<v1::Value>();
    detail::parse(bytes, value);
    T object = Codec<T>::decode(value);
    detail::trim(value, bytes.size());
    return object;
  }
}

// For people: "bool(uint64)".
template <class R, class... Args>
std::string signature_of() {
  std::string result;
  if constexpr (std::is_void_v<R>) {
    result = "null";
  } else {
    result = Codec<R>::name();
  }
  return result + "(" + detail::type_names<Args...>() + ")";
}

}  // namespace futured
