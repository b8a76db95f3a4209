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
// Only shown: "NaN", "Infinity" and "-Infinity" for such doubles, {"codec": "pickle5", "base64": "…"} for an opaque
// value, {"@type": "…", "base64": "…"} for a message.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "futured/v1/future.pb.h"
#include "futured/v1/value.pb.h"

namespace futured::cli {

using Json = nlohmann::ordered_json;

// How a word of the command line or a line of a file becomes a value.
enum class Reading {
  // As JSON when it is JSON, else as text.
  kJson,
  // As text.
  kText,
};
// Throws Failure for bytes that are no base64, for what is nested too deeply, and for text that is no UTF-8.
v1::Value to_value(const std::string& text, Reading reading);
v1::Value to_value(const Json& json);

Json to_json(const v1::Value& value);
// {"origin", "type", "message", …}
Json to_json(const v1::Error& error);

// One line, harmless on a terminal.
std::string dump(const Json& json);

}  // namespace futured::cli
