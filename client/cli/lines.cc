#include "client/cli/lines.h"

#include "client/cli/failure.h"

namespace futured::cli {

bool next_line(std::istream& stream, std::string& line) {
  while (std::getline(stream, line)) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.find_first_not_of(" \t") != std::string::npos) return true;
  }
  if (stream.bad()) throw Failure(ExitCode::kUsage, "the input cannot be read; is it a directory?");
  return false;
}

}  // namespace futured::cli
