// How futuredctl ends.
#pragma once

#include <stdexcept>
#include <string>

namespace futured::cli {

// As in --help.
enum class ExitCode {
  kOk = 0,
  kTaskFailed = 1,
  kUsage = 2,
  kNotFound = 3,
  kUnavailable = 4,
  kTimeout = 5,
  kCancelled = 6,
  kRefused = 7,
  kDenied = 8,
};

inline constexpr const char* kExitCodes =
    "Exit codes:\n"
    "  0  done\n"
    "  1  the task failed: the function raised, does not exist, or ran out of its time\n"
    "  2  bad usage, a malformed ID among it\n"
    "  3  no such future, or it has expired; no such executor\n"
    "  4  the daemon cannot be reached, or does not serve\n"
    "  5  --timeout is up; the task goes on\n"
    "  6  the future was cancelled\n"
    "  7  the daemon refused or broke off the call, or the output could not be written\n"
    "  8  the daemon does not know who is calling, or the caller may not do that\n"
    "  130, 143  ended by Ctrl-C, by SIGTERM; `map` and `submit --wait` cancel their tasks first";

// Ends the program: the message goes to standard error.
class Failure : public std::runtime_error {
 public:
  Failure(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

}  // namespace futured::cli
