#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include "examples/plugin/functions.h"
#include "examples/plugin/text.h"

namespace examples {
namespace {

constexpr std::size_t kMaxSize = 1 << 20;

[[noreturn]] void fail(const std::string& path, std::error_code error) {
  throw std::system_error(error, "cannot read " + path);
}

// Refuses what is no file: a pipe or a device may have no end.
std::ifstream open(const std::string& path) {
  std::error_code error;
  const bool regular = std::filesystem::is_regular_file(path, error);
  if (error) fail(path, error);
  if (!regular) throw std::runtime_error("cannot read " + path + ": it is no file");
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(path, {errno, std::generic_category()});
  return file;
}

// The next piece, empty at the end.
template <std::size_t N>
std::string_view read(std::ifstream& file, const std::string& path, std::array<char, N>& buffer) {
  errno = 0;
  file.read(buffer.data(), N);
  if (file.bad()) fail(path, {errno, std::generic_category()});
  return {buffer.data(), static_cast<std::size_t>(file.gcount())};
}

}  // namespace

futured::Bytes contents_of_file(const std::string& path) {
  std::ifstream file = open(path);
  std::array<char, 1 << 16> buffer;
  futured::Bytes contents;
  for (auto piece = read(file, path, buffer); !piece.empty(); piece = read(file, path, buffer)) {
    contents.data += piece;
    if (contents.data.size() > kMaxSize) throw std::length_error("cannot read " + path + ": it has more than 1 MiB");
  }
  return contents;
}

TextSize size_of_file(futured::Context& context, const std::string& path) {
  std::ifstream file = open(path);
  std::array<char, 1 << 16> buffer;
  // One that grows meanwhile is told as read in full too early.
  const auto size = static_cast<double>(std::filesystem::file_size(path));
  TextCounter counter;
  for (auto piece = read(file, path, buffer); !piece.empty(); piece = read(file, path, buffer)) {
    context.throw_if_stop_requested();
    counter.add(piece);
    context.progress(static_cast<double>(counter.size().bytes) / size, std::to_string(counter.size().words) + " words");
  }
  return counter.size();
}

}  // namespace examples
