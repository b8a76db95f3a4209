#include "client/cli/printable.h"

#include <cstddef>
#include <cstdio>

namespace futured::cli {
namespace {

struct Character {
  char32_t code;
  // In bytes. 0: the first byte begins no character.
  std::size_t length;
};

Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return {0, 0};
  char32_t code = first & (0xffu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {0, 0};
    code = code << 6 | (byte(i) & 0x3f);
  }
  const bool too_long = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  return too_long || surrogate || code > 0x10ffff ? Character{0, 0} : Character{code, length};
}

bool is_harmful(char32_t code) {
  const bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
  const bool line_separator = code == 0x2028 || code == 0x2029;
  const bool direction = code == 0x200e || code == 0x200f || (code >= 0x202a && code <= 0x202e) ||
                         (code >= 0x2066 && code <= 0x2069) || code == 0x061c;
  return control || line_separator || direction;
}

std::string escaped(const char* format, unsigned number) {
  char text[16];
  std::snprintf(text, sizeof text, format, number);
  return text;
}

}  // namespace

std::string printable(std::string_view text, bool lines) {
  std::string out;
  while (!text.empty()) {
    const Character character = first_character(text);
    if (character.length == 0) {
      out += escaped("\\x%02x", static_cast<unsigned char>(text.front()));
    } else if (is_harmful(character.code) && !(lines && character.code == U'\n')) {
      out += escaped("\\u%04x", static_cast<unsigned>(character.code));
    } else {
      out += text.substr(0, character.length);
    }
    text.remove_prefix(character.length == 0 ? 1 : character.length);
  }
  return out;
}

}  // namespace futured::cli
