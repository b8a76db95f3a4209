#include "server/plugin_path.h"

namespace futured::server {

Parsed<std::string> find_plugin(const std::string& name, const std::vector<std::filesystem::path>& directories) {
  std::vector<std::filesystem::path> candidates;
  if (name.find('/') != std::string::npos) {
    candidates.push_back(std::filesystem::absolute(name).lexically_normal());
  } else {
    for (const auto& directory : directories) candidates.push_back((directory / name).lexically_normal());
  }
  std::string looked;
  for (const auto& candidate : candidates) {
    std::error_code error;
    if (std::filesystem::is_regular_file(candidate, error)) return candidate.string();
    looked += (looked.empty() ? "" : ", ") + candidate.string();
  }
  return tl::unexpected("no plugin \"" + name + "\"; looked for " + looked);
}

}  // namespace futured::server
