#include "examples/plugin/text.h"

#include "examples/plugin/functions.h"

namespace examples {

void TextCounter::add(std::string_view piece) {
  constexpr std::string_view kWhiteSpace = " \t\n\v\f\r";
  for (const char c : piece) {
    const bool in_word = kWhiteSpace.find(c) == std::string_view::npos;
    if (in_word && !in_word_) ++size_.words;
    if (c == '\n') ++size_.lines;
    in_word_ = in_word;
  }
  size_.bytes += piece.size();
}

TextSize size_of_text(std::string_view text) {
  TextCounter counter;
  counter.add(text);
  return counter.size();
}

}  // namespace examples
