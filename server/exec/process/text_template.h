// TextTemplate: a text with placeholders for parameters, "{name}"; "{{" and "}}" are braces.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace futured::exec {

// Constant after parse().
class TextTemplate {
 public:
  // A placeholder's name is 1 to 64 characters of [A-Za-z0-9_], the first no digit. Names that are not among
  // `parameters` are added there. The failure says what is wrong and where: "at 7: …", counted from 1.
  static tl::expected<TextTemplate, std::string> parse(std::string_view text, std::vector<std::string>& parameters);

  bool has_placeholders() const { return !rest_.empty(); }
  // The text, with what `value` says for each parameter by its place in `parameters`.
  std::string fill(const std::function<std::string_view(std::size_t parameter)>& value) const;

 private:
  // A placeholder and the text behind it.
  struct Piece {
    std::size_t parameter;
    std::string text;
  };

  std::string start_;
  std::vector<Piece> rest_;
};

}  // namespace futured::exec
