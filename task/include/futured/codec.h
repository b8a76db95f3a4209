// Conversion between C++ values and futured.v1.Value, and the serialized forms that travel.
//
//   bool, integers of every width, double, float   the number, range-checked; an integer fits a double when exact
//   std::string                                    UTF-8 text
//   futured::Bytes                                 bytes
//   std::vector, std::array, std::pair, std::tuple list
//   std::map, std::unordered_map                   map when keyed by std::string, else a list of [key, value]
//   std::optional, std::monostate, void            null
//   a protobuf message                             google.protobuf.Any
//   a struct listed by FUTURED_STRUCT              map from member to value
//   futured::v1::Value                             as it is
//
// All functions may be called from any thread. What cannot be converted throws CodecError.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "futured/codec_base.h"
#include "futured/codec_containers.h"
#include "futured/codec_error.h"
#include "futured/codec_scalars.h"
#include "futured/kept_message.h"
#include "futured/struct.h"
#include "futured/v1/value.pb.h"

namespace futured {
namespace detail {

// What an object may be passed as: what C++ converts by itself, short of losing a fraction or making a number or bool
// of a pointer.
template <class From, class To>
concept PassableAs = std::convertible_to<From, To> &&
    !(std::integral<To> && (std::floating_point<std::remove_cvref_t<From>> || std::is_pointer_v<std::decay_t<From>>));

// Parse, or throw CodecError.
void parse(std::string_view bytes, v1::Value& value);
// Parses, or throws ArgumentError.
void parse(std::string_view function, std::string_view bytes, v1::Arguments& arguments);
std::string serialize(const v1::Value& value);
std::string serialize(const v1::Arguments& arguments);

// For arguments that are not `expected` positional ones. `types` are their names.
[[noreturn]] void throw_wrong_arguments(std::string_view function, const v1::Arguments& arguments, std::size_t expected,
                                        const std::string& types);
// `function` may be empty, when it is not known.
[[noreturn]] void throw_argument_error(std::string_view function, std::size_t position, const CodecError& error);
// ResultError, or ValueTooLarge if it was that. `type` is the result's.
[[noreturn]] void throw_result_error(std::string_view function, const std::string& type, const CodecError& error);

// Encodes an object as a To. Integers must fit.
template <class To, class From>
void encode_as(From&& object, v1::Value& value) {
  using Plain = std::remove_cvref_t<From>;
  if constexpr (std::same_as<Plain, To>) {
    Codec<To>::encode(object, value);
  } else if constexpr (Integer<Plain> && Integer<To>) {
    if (!std::in_range<To>(object)) throw_misfit(std::to_string(object), Codec<To>::name());
    Codec<To>::encode(static_cast<To>(object), value);
  } else if constexpr (std::same_as<To, std::string> && std::convertible_to<From, std::string_view>) {
    encode_text(object, value);
  } else {
    const To converted = std::forward<From>(object);
    Codec<To>::encode(converted, value);
  }
}

template <class To, class From>
void encode_argument(std::size_t position, From&& object, v1::Arguments& arguments) {
  try {
    encode_as<To>(std::forward<From>(object), *arguments.add_positional());
  } catch (const CodecError& error) {
    throw_argument_error("", position, error);
  }
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

// Serialized Value of an object, as a T.
template <class T, class From>
std::string encode_result(From&& object) {
  KeptMessage<v1::Value> value;
  encode_as<T>(std::forward<From>(object), *value);
  std::string bytes = serialize(*value);
  value.keep(bytes.size());
  return bytes;
}

// The same for what `function` returned. Throws ResultError or ValueTooLarge.
template <class T, class From>
std::string encode_result_of(std::string_view function, From&& object) {
  try {
    return encode_result<T>(std::forward<From>(object));
  } catch (const CodecError& error) {
    throw_result_error(function, Codec<T>::name(), error);
  }
}

}  // namespace detail

// Serialized futured.v1.Arguments of a call, each argument converted to its parameter first: an integer that does not
// fit throws, as does text that is no UTF-8. Throws ArgumentError, which names position and problem.
template <class... Params, class... Args>
requires(sizeof...(Params) == sizeof...(Args) && (detail::PassableAs<Args, Params> && ...)) std::string
    encode_call(Args&&... args) {
  if constexpr (sizeof...(Params) == 0) {
    return {};
  } else {
    detail::KeptMessage<v1::Arguments> arguments;
    std::size_t position = 0;
    (detail::encode_argument<Params>(++position, std::forward<Args>(args), *arguments), ...);
    std::string bytes = detail::serialize(*arguments);
    arguments.keep(bytes.size());
    return bytes;
  }
}

// Serialized futured.v1.Arguments of a call with these very types.
template <class... Args>
std::string encode_arguments(const Args&... args) {
  return encode_call<std::decay_t<const Args&>...>(args...);
}

// The arguments of a call of `function`. Throws ArgumentError, which names function, position, expected and given type.
template <class... Args>
std::tuple<Args...> decode_arguments(std::string_view function, std::string_view bytes) {
  if constexpr (sizeof...(Args) == 0) {
    if (bytes.empty()) return {};
  }
  detail::KeptMessage<v1::Arguments> arguments;
  detail::parse(function, bytes, *arguments);
  if (static_cast<std::size_t>(arguments->positional_size()) != sizeof...(Args) || !arguments->keyword().empty()) {
    detail::throw_wrong_arguments(function, *arguments, sizeof...(Args), detail::type_names<Args...>());
  }
  auto decoded = detail::decode_each<Args...>(function, *arguments, std::index_sequence_for<Args...>());
  arguments.keep(bytes.size());
  return decoded;
}

// Serialized futured.v1.Value.
template <class T>
std::string encode_value(const T& object) {
  return detail::encode_result<std::decay_t<const T&>>(object);
}
// Of a function that returns nothing: field 1, NULL_VALUE.
inline std::string encode_nothing() { return {"\x08\x00", 2}; }

// The object of a serialized futured.v1.Value. For void: looks at nothing.
template <class T>
T decode_value(std::string_view bytes) {
  if constexpr (!std::is_void_v<T>) {
    detail::KeptMessage<v1::Value> value;
    detail::parse(bytes, *value);
    T object = Codec<T>::decode(*value);
    value.keep(bytes.size());
    return object;
  }
}

// For people: "bool(uint64)". A function that returns nothing: "null()".
template <class R, class... Args>
std::string signature_of() {
  using Result = std::conditional_t<std::is_void_v<R>, std::monostate, R>;
  return Codec<Result>::name() + "(" + detail::type_names<Args...>() + ")";
}

}  // namespace futured
