#include "server/exec/process/environment.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace futured::exec {
namespace {

// Where a shell looks when there is no PATH.
constexpr const char* kUsualPath = "/usr/local/bin:/usr/bin:/bin";

std::string_view name_of(std::string_view entry) { return entry.substr(0, entry.find('=')); }

void set(std::vector<std::string>& environment, std::string entry) {
  std::erase_if(environment, [&](const std::string& other) { return name_of(other) == name_of(entry); });
  environment.push_back(std::move(entry));
}

bool is_program(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

const std::vector<std::string>& default_environment() {
  static const std::vector<std::string> names{"PATH", "LANG", "LC_ALL", "TZ"};
  return names;
}

tl::expected<std::vector<std::string>, std::string> resolve_environment(const std::vector<std::string>& entries,
                                                                        const GetEnvironment& getenv) {
  std::vector<std::string> environment;
  for (const std::string& entry : entries) {
    if (name_of(entry).empty() || entry.find('\0') != std::string::npos) {
      return tl::unexpected("\"" + entry + "\" is neither the name of a variable nor NAME=value");
    }
    if (entry.find('=') != std::string::npos) {
      set(environment, entry);
    } else if (const char* value = getenv(entry.c_str())) {
      set(environment, entry + "=" + value);
    }
  }
  return environment;
}

tl::expected<std::string, std::string> find_program(const std::string& name, const GetEnvironment& getenv) {
  if (name.find('/') != std::string::npos) {
    std::error_code error;
    const std::string path = std::filesystem::absolute(name, error).lexically_normal();
    if (!error && is_program(path)) return path;
    return tl::unexpected("no program " + path + ": there is no such file, or it may not be executed");
  }
  const char* variable = getenv("PATH");
  const std::string_view path = variable == nullptr ? kUsualPath : variable;
  for (std::size_t begin = 0; begin < path.size();) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    // Relative ones would change their meaning with the working directory.
    const std::filesystem::path candidate = std::filesystem::path(path.substr(begin, end - begin)) / name;
    if (candidate.is_absolute() && is_program(candidate)) return candidate;
    begin = end + 1;
  }
  return tl::unexpected("no program \"" + name + "\" in PATH (" + std::string(path) + ")");
}

}  // namespace futured::exec
