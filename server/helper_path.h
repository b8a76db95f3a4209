// Where the programs are that the daemon starts: futured-worker and futured-sandbox.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace futured::server {

// In the daemon's libexec directory, as installed, or else beside it, as in a build tree, whether or not it is there.
std::string helper_path(const std::filesystem::path& program_directory, std::string_view name);

}  // namespace futured::server
