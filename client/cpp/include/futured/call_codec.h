// Calls and results as the bytes that travel.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "futured/codec.h"
#include "futured/v1/value.pb.h"

namespace futured::detail {

// Serialized futured.v1.Arguments. Each argument is converted to its parameter P.
template <class... P, class... A>
std::string encode_call(A&&... arguments) {
  v1::Arguments message;
  (Codec<std::decay_t<P>>::encode(std::forward<A>(arguments), *message.add_positional()), ...);
  return message.SerializeAsString();
}

// The R in a serialized futured.v1.Value.
template <class R>
R decode_payload(const std::string& payload) {
  v1::Value value;
  if (!value.ParseFromString(payload)) throw std::runtime_error("the value cannot be read");
  return Codec<R>::decode(value);
}

}  // namespace futured::detail
