// Program: a function that is a program, one process for each call. Never a shell: each argument of its command stays
// one argument, whatever it is filled with.
//
//   [functions."image.resize"]
//   executor = "programs"
//   command = ["convert", "-", "-resize", "{size}", "--", "png:-"]
//   stdin = "{image}"
//
// Its parameters are the placeholders, in the order in which they first appear, first in the command, then in stdin.
// A value that begins with "-" is for most programs an option: put "--" before such a placeholder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/core/clock.h"
#include "server/core/executor.h"
#include "server/core/status.h"
#include "server/exec/process/environment.h"
#include "server/exec/process/text_template.h"

namespace futured::exec {

// What a program's standard output is.
enum class ProgramOutput {
  // bytes.
  kBytes,
  // A string; it must be UTF-8.
  kText,
  // What it says; futured/json_value.h.
  kJson,
};

struct ProgramOptions {
  // Name of the function.
  std::string function = {};
  // The program and its arguments, which may have placeholders: TextTemplate. The program may not.
  std::vector<std::string> command = {};
  // What it reads from its standard input; may have placeholders. Unset: /dev/null.
  std::optional<std::string> standard_input = {};
  ProgramOutput output = ProgramOutput::kBytes;
  // Of its standard output, bytes.
  std::uint64_t max_output = std::uint64_t{4} << 20;
  // For tasks that have none. Unset: no limit.
  std::optional<core::Duration> timeout = {};
  // As for resolve_environment().
  std::vector<std::string> environment = default_environment();
  // Working directory; empty: the daemon's.
  std::string directory = {};
};

// Constant, so it may be used from any thread.
class Program {
 public:
  // One call: a command line, and what goes to standard input.
  struct Call {
    std::vector<std::string> argv;
    std::string standard_input;
  };

  // Looks the program up in the daemon's PATH. The failure (kInvalidArgument) begins with the option's key: "command:
  // no program …".
  static core::Result<Program> compile(ProgramOptions options, const GetEnvironment& getenv);

  // Fills the placeholders from a serialized futured.v1.Arguments, by position or name. In the command: text, bytes
  // without NUL, numbers and bools. In standard input: text and bytes as they are, anything else as JSON. Throws
  // ArgumentError, which names function, parameter, expected and given.
  Call call(std::string_view arguments) const;
  // Serialized futured.v1.Value of what it wrote. Throws ResultError when that is not what `output` says, or
  // ValueTooLarge.
  std::string value_of(std::string_view output) const;

  const ProgramOptions& options() const { return options_; }
  bool has_input() const { return input_.has_value(); }
  // "NAME=value".
  const std::vector<std::string>& environment() const { return environment_; }
  // For people: "bytes(image, size)".
  std::string signature() const;
  core::FunctionDescription describe() const;

 private:
  explicit Program(ProgramOptions options) : options_(std::move(options)) {}

  core::Result<void> check() const;
  core::Result<void> compile_command(const GetEnvironment& getenv);
  core::Result<void> compile_input();
  core::Result<void> compile_environment(const GetEnvironment& getenv);

  ProgramOptions options_;
  // Absolute.
  std::string path_;
  // Those of the command behind the program.
  std::vector<TextTemplate> arguments_;
  std::optional<TextTemplate> input_;
  std::vector<std::string> parameters_;
  // The first so many are in the command.
  std::size_t parameters_in_command_ = 0;
  std::vector<std::string> environment_;
};

}  // namespace futured::exec
