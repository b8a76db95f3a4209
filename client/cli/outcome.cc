#include "client/cli/outcome.h"

#include <iostream>

#include "client/cli/names.h"
#include "client/cli/printable.h"
#include "client/cli/standard_streams.h"

namespace futured::cli {
namespace {

v1::FutureState state_of(const v1::Outcome& outcome) {
  if (outcome.has_value()) return v1::FUTURE_STATE_SUCCEEDED;
  return outcome.has_error() ? v1::FUTURE_STATE_FAILED : v1::FUTURE_STATE_CANCELLED;
}

ExitCode code_for(const v1::Outcome& outcome) {
  if (outcome.has_value()) return ExitCode::kOk;
  return outcome.has_error() ? ExitCode::kTaskFailed : ExitCode::kCancelled;
}

std::string with_line_end(std::string text) {
  if (!text.ends_with('\n')) text += '\n';
  return text;
}

}  // namespace

void print_value(const v1::Value& value, const Format& format) {
  if (format.raw && value.has_string_value()) {
    std::cout << value.string_value();
  } else if (format.raw && value.has_bytes_value()) {
    std::cout << value.bytes_value();
  } else {
    std::cout << dump(to_json(value)) << '\n';
  }
  flush_output();
}

ExitCode print_outcome(const std::string& id, const v1::Outcome& outcome, const Format& format) {
  if (format.json) {
    std::cout << dump(to_json(id, state_of(outcome), outcome)) << '\n';
    flush_output();
  } else if (outcome.has_value()) {
    print_value(outcome.value(), format);
  } else if (outcome.has_error()) {
    std::cerr << "futuredctl: " << report(outcome.error()) << std::flush;
  } else {
    std::cerr << "futuredctl: " << id << " is cancelled" << std::endl;
  }
  return code_for(outcome);
}

Json to_json(const std::string& id, v1::FutureState state, const v1::Outcome& outcome) {
  Json json{{"id", id}, {"state", short_name(v1::FutureState_Name(state), "FUTURE_STATE_")}};
  if (outcome.has_value()) json["value"] = to_json(outcome.value());
  if (outcome.has_error()) json["error"] = to_json(outcome.error());
  return json;
}

std::string report(const v1::Error& error) {
  std::string text = with_line_end(printable(error.type()) + ": " + printable(error.message(), true));
  // That of an error without a frame is this line once more.
  const std::string traceback = with_line_end(printable(error.traceback(), true));
  if (!error.traceback().empty() && traceback != text) text += traceback;
  if (error.has_cause()) text += "caused by " + report(error.cause());
  return text;
}

}  // namespace futured::cli
