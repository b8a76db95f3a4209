// Lines of a file.
#pragma once

#include <istream>
#include <string>

namespace futured::cli {

// Reads the next line that is not blank, without its end, also that of Windows. False after the last.
// Throws Failure when the file cannot be read.
bool next_line(std::istream& stream, std::string& line);

}  // namespace futured::cli
