#include "server/helper_path.h"

namespace futured::server {

std::string helper_path(const std::filesystem::path& program_directory, std::string_view name) {
  std::error_code error;
  const std::filesystem::path installed = (program_directory / FUTURED_HELPER_DIRECTORY / name).lexically_normal();
  if (std::filesystem::exists(installed, error)) return installed.string();
  return (program_directory / name).string();
}

}  // namespace futured::server
