#include "client/cli/json_value.h"

#include <optional>
#include <utility>

#include "client/cli/failure.h"
#include "client/cli/names.h"
#include "client/cli/printable.h"
#include "futured/codec.h"
#include "futured/codec_error.h"

namespace futured::cli {
namespace {

std::optional<v1::Value> json_value(const std::string& text) {
  try {
    if (const auto json = parse_json(text)) return value_of(*json);
    return std::nullopt;
  } catch (const CodecError& error) {
    throw Failure(ExitCode::kUsage, printable(error.what()));
  }
}

}  // namespace

v1::Value to_value(const std::string& text, Reading reading) {
  if (reading == Reading::kJson) {
    if (auto value = json_value(text)) return *std::move(value);
  }
  v1::Value value;
  try {
    Codec<std::string>::encode(text, value);
  } catch (const CodecError&) {
    throw Failure(ExitCode::kUsage, "'" + printable(text) + "' is no UTF-8; give bytes as {\"base64\": \"...\"}");
  }
  return value;
}

Json to_json(const v1::Value& value) { return json_of(value); }

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

std::string dump(const Json& json) { return printable(text_of(json)); }

}  // namespace futured::cli
