#include "server/exec/process/text_template.h"

#include <algorithm>
#include <iterator>

namespace futured::exec {
namespace {

constexpr std::size_t kLongestName = 64;

bool is_name(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto fits = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
  return !name.empty() && name.size() <= kLongestName && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(), fits);
}

std::size_t place_of(std::string_view name, std::vector<std::string>& parameters) {
  const auto found = std::find(parameters.begin(), parameters.end(), name);
  const auto place = static_cast<std::size_t>(std::distance(parameters.begin(), found));
  if (found == parameters.end()) parameters.emplace_back(name);
  return place;
}

tl::unexpected<std::string> trouble(std::size_t at, const std::string& what) {
  return tl::unexpected("at " + std::to_string(at + 1) + ": " + what);
}

}  // namespace

tl::expected<TextTemplate, std::string> TextTemplate::parse(std::string_view text,
                                                            std::vector<std::string>& parameters) {
  TextTemplate result;
  for (std::size_t at = 0; at < text.size();) {
    std::string& literal = result.rest_.empty() ? result.start_ : result.rest_.back().text;
    const char c = text[at];
    if (c != '{' && c != '}') {
      literal += c;
      ++at;
    } else if (at + 1 < text.size() && text[at + 1] == c) {
      literal += c;
      at += 2;
    } else if (c == '}') {
      return trouble(at, "\"}\" without \"{\"; a brace is written \"}}\"");
    } else {
      const std::size_t end = text.find('}', at);
      if (end == std::string_view::npos) return trouble(at, "\"{\" without \"}\"; a brace is written \"{{\"");
      const std::string_view name = text.substr(at + 1, end - at - 1);
      if (name.empty()) return trouble(at, "a placeholder without a name; write \"{name}\"");
      if (!is_name(name)) {
        return trouble(at, "\"" + std::string(name) +
                               "\" is no name of a parameter: 1 to 64 characters of [A-Za-z0-9_], the first no digit");
      }
      result.rest_.push_back({place_of(name, parameters), ""});
      at = end + 1;
    }
  }
  return result;
}

std::string TextTemplate::fill(const std::function<std::string_view(std::size_t parameter)>& value) const {
  std::string text = start_;
  for (const Piece& piece : rest_) text.append(value(piece.parameter)).append(piece.text);
  return text;
}

}  // namespace futured::exec
