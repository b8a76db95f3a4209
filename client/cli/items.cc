#include "client/cli/items.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <istream>
#include <utility>

#include "client/cli/failure.h"

namespace futured::cli {
namespace {

bool next_line(std::istream& stream, std::string& line) {
  while (std::getline(stream, line)) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.find_first_not_of(" \t") != std::string::npos) return true;
  }
  return false;
}

// Of a file that can be read again from its beginning.
std::optional<std::uint64_t> count_lines(std::ifstream& file, const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return std::nullopt;
  std::uint64_t count = 0;
  for (std::string line; next_line(file, line);) ++count;
  file.clear();
  file.seekg(0);
  return count;
}

}  // namespace

Items::Items(std::vector<std::string> words, Reading reading) : reading_(reading), size_(words.size()) {
  next_ = [words = std::move(words), i = std::size_t{0}](std::string& word) mutable {
    if (i == words.size()) return false;
    word = words[i++];
    return true;
  };
}

Items::Items(const std::string& file, Reading reading) : reading_(reading) {
  if (file == "-") {
    next_ = [](std::string& line) { return next_line(std::cin, line); };
    return;
  }
  file_.open(file);
  if (!file_) throw Failure(ExitCode::kUsage, file + ": " + std::strerror(errno));
  size_ = count_lines(file_, file);
  next_ = [this](std::string& line) { return next_line(file_, line); };
}

Items::Iterator Items::begin() {
  advance();
  return Iterator(this);
}

void Items::advance() {
  std::string text;
  ended_ = !next_(text);
  if (!ended_) current_ = to_value(text, reading_);
}

}  // namespace futured::cli
