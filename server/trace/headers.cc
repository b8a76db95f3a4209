#include "server/trace/headers.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <string_view>
#include <system_error>

namespace futured::trace {
namespace {

constexpr std::int64_t kLargestFile = 64 << 10;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

bool is_name(std::string_view text) {
  static constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kOthers.find(c) != std::string_view::npos;
  });
}

bool is_value(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= ' ' && c <= '~') || c == '\t'; });
}

}  // namespace

tl::expected<Headers, std::string> read_headers(const std::filesystem::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) {
    return tl::unexpected(file.string() + ": " + std::generic_category().message(errno));
  }
  if (!S_ISREG(status.st_mode)) return tl::unexpected(file.string() + " is no file");
  if ((status.st_mode & 077) != 0) {
    return tl::unexpected(file.string() + " may be read by others than its owner: chmod 600 it");
  }
  if (status.st_size > kLargestFile) return tl::unexpected(file.string() + " has more than 64 KiB");
  std::ifstream stream(file);
  if (!stream) return tl::unexpected(file.string() + " cannot be read");
  Headers headers;
  std::string text;
  for (int number = 1; std::getline(stream, text); ++number) {
    const std::string_view line = trimmed(text);
    if (line.empty() || line.front() == '#') continue;
    const std::size_t colon = line.find(':');
    const std::string_view name = trimmed(line.substr(0, colon));
    const std::string_view value = colon == std::string_view::npos ? line : trimmed(line.substr(colon + 1));
    if (colon == std::string_view::npos || !is_name(name) || !is_value(value)) {
      return tl::unexpected(file.string() + ": line " + std::to_string(number) + " is no header such as NAME: VALUE");
    }
    headers.emplace_back(name, value);
  }
  return headers;
}

}  // namespace futured::trace
