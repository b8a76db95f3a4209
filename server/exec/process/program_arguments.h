// What a program is called with: its parameters' values out of a call's arguments, and as text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "futured/v1/value.pb.h"

namespace futured::exec {

// The value of each parameter. Throws ArgumentError unless each is given once, by position or name, and nothing else.
std::vector<const v1::Value*> bind_arguments(std::string_view function, const std::vector<std::string>& parameters,
                                             const v1::Arguments& arguments);

// A value within an argument of a command line. Throws CodecError for one that is neither text, bytes without NUL, a
// number nor a bool.
std::string command_text(const v1::Value& value);
// A value in standard input.
std::string input_text(const v1::Value& value);

// "(image, size)"
std::string parameter_list(const std::vector<std::string>& parameters);

}  // namespace futured::exec
