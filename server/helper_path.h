// Where the programs are that the daemon starts: futured-worker and futured-sandbox.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace futured::server {

// Beside the daemon, as in a build tree, or in its libexec directory, as installed.
std::string helper_path(const std::filesystem::path& program_directory, std::string_view name);

}  // namespace futured::server
