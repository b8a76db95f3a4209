#include "server/helper_path.h"

namespace futured::server {

std::string helper_path(const std::filesystem::path& program_directory, std::string_view name) {
  std::error_code error;
  const std::filesystem::path beside = program_directory / name;
  if (std::filesystem::exists(beside, error)) return beside.string();
  return (program_directory / FUTURED_HELPER_DIRECTORY / name).lexically_normal().string();
}

}  // namespace futured::server
