// JSON and the protocol's values.
//
//   JSON                      Value
//   null, true, "text"        null, bool, string
//   97, -5                    int; above the largest int64: uint
//   0.5, 1e3                  double, as are whole numbers beyond 64 bits
//   [1, 2]                    list
//   {"a": 1}                  map
//   {"base64": "aGk="}        bytes
//
// Only written: "NaN", "Infinity" and "-Infinity" for such doubles, {"codec": "pickle5", "base64": "…"} for an opaque
// value, {"@type": "…", "base64": "…"} for a message.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "futured/v1/value.pb.h"

namespace futured {

using Json = nlohmann::ordered_json;

// Nothing: the text is no JSON. Throws CodecError when it is nested deeper than a Value can be.
std::optional<Json> parse_json(std::string_view text);
// REQUIRES: from parse_json(). Throws CodecError for bytes that are no base64.
v1::Value value_of(const Json& json);
Json json_of(const v1::Value& value);
// One line.
std::string text_of(const Json& json);

}  // namespace futured
