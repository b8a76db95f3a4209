#include "client/cli/items.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <string>
#include <utility>

#include "client/cli/failure.h"
#include "client/cli/lines.h"

namespace futured::cli {
namespace {

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

Items::Items(const std::vector<std::string>& words, Reading reading) : reading_(reading), size_(words.size()) {
  std::vector<v1::Value> values;
  for (const std::string& word : words) values.push_back(read(word));
  next_ = [values = std::move(values), i = std::size_t{0}](v1::Value& value) mutable {
    if (i == values.size()) return false;
    value = std::move(values[i++]);
    return true;
  };
}

Items::Items(const std::string& file, Reading reading) : reading_(reading) {
  if (file == "-") {
    next_ = [this](v1::Value& value) { return read_line(std::cin, value); };
    return;
  }
  file_.open(file);
  if (!file_) throw Failure(ExitCode::kUsage, file + ": " + std::strerror(errno));
  size_ = count_lines(file_, file);
  next_ = [this](v1::Value& value) { return read_line(file_, value); };
}

Items::Iterator Items::begin() {
  advance();
  return Iterator(this);
}

v1::Value Items::read(const std::string& text) {
  ++number_;
  try {
    return to_value(text, reading_);
  } catch (const Failure& failure) {
    throw Failure(failure.code(), "item " + std::to_string(number_) + ": " + failure.what());
  }
}

bool Items::read_line(std::istream& stream, v1::Value& value) {
  std::string line;
  if (!next_line(stream, line)) return false;
  value = read(line);
  return true;
}

}  // namespace futured::cli
