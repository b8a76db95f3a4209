// JSON on the command line; futured/json_value.h says how it and the protocol's values correspond.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "futured/json_value.h"
#include "futured/v1/future.pb.h"
#include "futured/v1/value.pb.h"

namespace futured::cli {

using futured::Json;

// How a word of the command line or a line of a file becomes a value.
enum class Reading {
  // As JSON when it is JSON, else as text.
  kJson,
  // As text.
  kText,
};
// Throws Failure for bytes that are no base64, for what is nested too deeply, and for text that is no UTF-8.
v1::Value to_value(const std::string& text, Reading reading);

Json to_json(const v1::Value& value);
// {"origin", "type", "message", …}
Json to_json(const v1::Error& error);

// One line, harmless on a terminal.
std::string dump(const Json& json);

}  // namespace futured::cli
