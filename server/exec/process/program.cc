#include "server/exec/process/program.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "futured/codec.h"
#include "futured/json_value.h"
#include "futured/task.h"
#include "server/exec/process/program_arguments.h"

namespace futured::exec {
namespace {

// Linux takes no longer ones, and not all of them together.
constexpr std::size_t kLongestArgument = (std::size_t{128} << 10) - 1;
constexpr std::size_t kLongestCommand = std::size_t{1} << 20;

core::Result<void> invalid(const char* key, const std::string& what) {
  return core::failure(core::Reason::kSettingInvalid, std::string(key) + ": " + what);
}

// The values as text. Throws ArgumentError.
std::vector<std::string> texts_of(const std::string& function, const std::vector<std::string>& parameters,
                                  const std::vector<const v1::Value*>& values,
                                  std::string (*convert)(const v1::Value&)) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < values.size(); ++i) {
    try {
      texts.push_back(convert(*values[i]));
    } catch (const CodecError& error) {
      throw ArgumentError(function + ": argument " + parameters[i], error.problem());
    }
  }
  return texts;
}

void check_length(const std::string& function, const std::vector<std::string>& argv) {
  std::size_t total = 0;
  for (const std::string& argument : argv) {
    total += argument.size();
    if (argument.size() <= kLongestArgument) continue;
    throw ArgumentError(function, "an argument on the command line has " + std::to_string(argument.size()) +
                                      " bytes, the limit is " + std::to_string(kLongestArgument) +
                                      "; standard input has none");
  }
  if (total <= kLongestCommand) return;
  throw ArgumentError(function, "the command line has " + std::to_string(total) + " bytes, the limit is " +
                                    std::to_string(kLongestCommand) + "; standard input has none");
}

v1::Value text_value(const std::string& place, std::string_view output) {
  try {
    v1::Value value;
    detail::encode_text(output, value);
    return value;
  } catch (const CodecError&) {
    throw ResultError(place, std::to_string(output.size()) + " bytes are no UTF-8 text");
  }
}

v1::Value json_value(const std::string& place, std::string_view output) {
  try {
    if (const auto json = parse_json(output)) return value_of(*json);
  } catch (const CodecError& error) {
    throw ResultError(place, error.problem());
  }
  throw ResultError(place, std::to_string(output.size()) + " bytes are no JSON");
}

}  // namespace

core::Result<Program> Program::compile(ProgramOptions options, const GetEnvironment& getenv) {
  Program program(std::move(options));
  if (!program.options_.directory.empty()) {
    program.options_.directory = std::filesystem::absolute(program.options_.directory);
  }
  return program.check()
      .and_then([&] { return program.compile_command(getenv); })
      .and_then([&] { return program.compile_input(); })
      .and_then([&] { return program.compile_environment(getenv); })
      .map([&] { return std::move(program); });
}

core::Result<void> Program::check() const {
  if (!is_function_name(options_.function)) {
    return invalid("function", "\"" + options_.function + "\" is no name: 1 to 128 characters of [A-Za-z0-9_.-]");
  }
  if (options_.max_output == 0) return invalid("max_output", "must be at least 1");
  if (options_.timeout && *options_.timeout <= core::Duration::zero()) return invalid("timeout", "must be more than 0");
  std::error_code error;
  if (!options_.directory.empty() && !std::filesystem::is_directory(options_.directory, error)) {
    return invalid("directory", "no directory " + options_.directory);
  }
  return {};
}

core::Result<void> Program::compile_command(const GetEnvironment& getenv) {
  if (options_.command.empty() || options_.command.front().empty()) return invalid("command", "must name a program");
  for (std::size_t i = 0; i < options_.command.size(); ++i) {
    const std::string& text = options_.command[i];
    const std::string place = "argument " + std::to_string(i);
    if (text.find('\0') != std::string::npos) return invalid("command", place + " has a NUL byte");
    auto parsed = TextTemplate::parse(text, parameters_);
    if (!parsed) {
      std::string problem = place;
      problem.append(", \"").append(text).append("\", ").append(parsed.error());
      return invalid("command", problem);
    }
    if (i > 0) {
      arguments_.push_back(*std::move(parsed));
      continue;
    }
    if (parsed->has_placeholders()) return invalid("command", "the program itself may have no placeholder");
    auto path = find_program(parsed->fill({}), getenv);
    if (!path) return invalid("command", path.error());
    path_ = *std::move(path);
  }
  parameters_in_command_ = parameters_.size();
  return {};
}

core::Result<void> Program::compile_input() {
  if (!options_.standard_input) return {};
  auto parsed = TextTemplate::parse(*options_.standard_input, parameters_);
  if (!parsed) return invalid("stdin", parsed.error());
  input_ = *std::move(parsed);
  return {};
}

core::Result<void> Program::compile_environment(const GetEnvironment& getenv) {
  auto resolved = resolve_environment(options_.environment, getenv);
  if (!resolved) return invalid("environment", resolved.error());
  environment_ = *std::move(resolved);
  return {};
}

Program::Call Program::call(std::string_view arguments) const {
  v1::Arguments message;
  detail::parse(options_.function, arguments, message);
  std::vector<const v1::Value*> values = bind_arguments(options_.function, parameters_, message);
  Call call;
  if (input_) {
    const auto texts = texts_of(options_.function, parameters_, values, input_text);
    call.standard_input = input_->fill([&](std::size_t i) -> std::string_view { return texts[i]; });
  }
  values.resize(parameters_in_command_);
  const auto texts = texts_of(options_.function, parameters_, values, command_text);
  call.argv.push_back(path_);
  for (const TextTemplate& argument : arguments_) {
    call.argv.push_back(argument.fill([&](std::size_t i) -> std::string_view { return texts[i]; }));
  }
  check_length(options_.function, call.argv);
  return call;
}

std::string Program::value_of(std::string_view output) const {
  const std::string place = options_.function + ": standard output";
  v1::Value value;
  switch (options_.output) {
    case ProgramOutput::kBytes:
      value.set_bytes_value(output.data(), output.size());
      break;
    case ProgramOutput::kText:
      value = text_value(place, output);
      break;
    case ProgramOutput::kJson:
      value = json_value(place, output);
      break;
  }
  return detail::serialize(value);
}

std::string Program::signature() const {
  constexpr const char* kTypes[] = {"bytes", "text", "json"};
  return kTypes[static_cast<std::size_t>(options_.output)] + parameter_list(parameters_);
}

core::FunctionDescription Program::describe() const {
  return {.name = options_.function, .signature = signature(), .is_coroutine = false, .is_alone = true};
}

}  // namespace futured::exec
