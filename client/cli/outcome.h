// How futures ended, for people and programs.
#pragma once

#include <string>

#include "client/cli/failure.h"
#include "client/cli/globals.h"
#include "client/cli/json_value.h"
#include "futured/v1/future.pb.h"

namespace futured::cli {

struct Format {
  // The whole outcome as an object, instead of the value alone.
  bool json = false;
  // Texts and bytes as they are.
  bool raw = false;
};

// Prints the value of a future that succeeded, as a line. Throws Failure when it cannot be written.
void print_value(const v1::Value& value, const Format& format);

// Prints the outcome of one future and returns the exit code it stands for: its value goes to standard output, what
// became of it otherwise to standard error; as JSON everything goes to standard output.
ExitCode print_outcome(const std::string& id, const v1::Outcome& outcome, const Format& format);

// {"id", "state", "value" or "error"}
Json to_json(const std::string& id, v1::FutureState state, const v1::Outcome& outcome);

// The type, message, traceback and causes of an error, over several lines, harmless on a terminal.
std::string report(const v1::Error& error);

}  // namespace futured::cli
