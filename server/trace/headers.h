// Headers of requests to a collector, which may be secrets, from a file.
#pragma once

#include <filesystem>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace futured::trace {

using Headers = std::vector<std::pair<std::string, std::string>>;

// Lines such as "Authorization: Bearer …"; empty ones, and those that begin with #, are skipped. At most 64 KiB. Only
// its owner may be allowed to read the file. The failure names the file and the line, and nothing that it says.
tl::expected<Headers, std::string> read_headers(const std::filesystem::path& file);

}  // namespace futured::trace
