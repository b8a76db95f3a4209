#include "server/sandbox/command.h"

#include <charconv>
#include <stdexcept>
#include <string_view>

namespace futured::sandbox {
namespace {

template <class Number>
Number parse_number(std::string_view text, std::string_view whole) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw std::invalid_argument("not a number: " + std::string(whole));
  }
  return value;
}

exec::SandboxProfile parse_profile(std::string_view name) {
  const auto profile = exec::parse_sandbox_profile(name);
  if (!profile) throw std::invalid_argument(profile.error().message);
  return *profile;
}

void parse_option(std::string_view argument, Command& command) {
  const std::size_t equals = argument.find('=');
  if (!argument.starts_with("--") || equals == argument.npos) {
    throw std::invalid_argument("not an option: " + std::string(argument));
  }
  const std::string_view name = argument.substr(2, equals - 2);
  const std::string_view value = argument.substr(equals + 1);
  if (name == "profile") {
    command.sandbox.profile = parse_profile(value);
  } else if (name == "parent") {
    command.parent = parse_number<pid_t>(value, argument);
  } else if (name == "writable") {
    command.writable = value;
  } else if (name == "file") {
    command.files.emplace_back(value);
  } else {
    for (const exec::LimitOption& option : exec::kLimitOptions) {
      if (name != option.name) continue;
      command.sandbox.limits.*option.limit = parse_number<std::uint64_t>(value, argument);
      return;
    }
    throw std::invalid_argument("no such option: " + std::string(argument));
  }
}

}  // namespace

Command parse(int argc, char** argv) {
  Command command;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--") {
      command.program = argv + i + 1;
      break;
    }
    parse_option(argv[i], command);
  }
  if (command.program == nullptr || *command.program == nullptr) throw std::invalid_argument("no program to run");
  return command;
}

}  // namespace futured::sandbox
