#include "server/log_line.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

namespace futured::server {
namespace {

constexpr std::array<const char*, 4> kTextLevels{"DEBUG", "INFO", "WARN", "ERROR"};
constexpr std::array<const char*, 4> kJsonLevels{"debug", "info", "warning", "error"};

std::string timestamp(std::chrono::system_clock::time_point time) {
  const auto since_epoch = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
  const std::time_t seconds = since_epoch / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text.data() + length, text.size() - length, ".%03dZ", static_cast<int>(since_epoch % 1000));
  return text.data();
}

// The character of UTF-8 at the start of a text. `length` 0: there is none, its first byte is broken.
struct Character {
  unsigned code = 0;
  std::size_t length = 0;
};

Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xf0 && lead < 0xf5 ? 4 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xc2 ? 2 : 0;
  if (length == 0 || lead >= 0xf5) return {};
  unsigned code = lead & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3fU);
  }
  constexpr std::array<unsigned, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  if (code < kLeast[length] || code > 0x10ffff || surrogate) return {};
  return {code, length};
}

// Whether a terminal or an editor does more than show it: controls, ends of lines, marks that turn what follows to the
// other direction.
bool is_command(unsigned code) {
  const auto within = [&](unsigned first, unsigned last) { return code >= first && code <= last; };
  return code < 0x20 || within(0x7f, 0x9f) || code == 0x61c || within(0x200e, 0x200f) || within(0x2028, 0x202e) ||
         within(0x2066, 0x2069);
}

void append_command(unsigned code, bool json, std::string& out) {
  std::array<char, 8> text{};
  if (code == '\n') {
    out += "\\n";
  } else if (code == '\t') {
    out += "\\t";
  } else {
    std::snprintf(text.data(), text.size(), json || code > 0xff ? "\\u%04x" : "\\x%02x", code);
    out += text.data();
  }
}

void append_broken(char byte, bool json, std::string& out) {
  if (json) {
    out += "\\ufffd";
  } else {
    append_command(static_cast<unsigned char>(byte), json, out);
  }
}

void append_escaped(std::string_view text, bool json, bool in_quotes, std::string& out) {
  const bool cut = text.size() > kMaxLogText;
  text = text.substr(0, kMaxLogText);
  while (!text.empty()) {
    const Character character = first_character(text);
    const std::size_t length = std::max<std::size_t>(character.length, 1);
    if (character.length == 0) {
      append_broken(text[0], json, out);
    } else if (is_command(character.code)) {
      append_command(character.code, json, out);
    } else {
      if (in_quotes && (text[0] == '"' || text[0] == '\\')) out += '\\';
      out.append(text.substr(0, length));
    }
    text.remove_prefix(length);
  }
  if (cut) out += "…";
}

void append_quoted(std::string_view text, bool json, std::string& out) {
  out += '"';
  append_escaped(text, json, true, out);
  out += '"';
}

void append_text_value(std::string_view value, std::string& out) {
  bool plain = !value.empty();
  for (const char c : value) plain = plain && c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\';
  if (plain && value.size() <= kMaxLogText) {
    out += value;
  } else {
    append_quoted(value, false, out);
  }
}

}  // namespace

std::string log_line(LogFormat format, std::chrono::system_clock::time_point time, LogLevel level,
                     std::string_view message, std::span<const LogField> fields) {
  std::string out;
  const auto index = static_cast<std::size_t>(level);
  if (format == LogFormat::kText) {
    out.append(timestamp(time)).append(" ").append(kTextLevels.at(index)).append(" ");
    append_escaped(message, false, false, out);
    for (const LogField& field : fields) {
      out.append(" ").append(field.key).append("=");
      append_text_value(field.value, out);
    }
    return out += '\n';
  }
  out.append("{\"time\":\"").append(timestamp(time)).append("\",\"level\":\"").append(kJsonLevels.at(index));
  out.append("\",\"message\":");
  append_quoted(message, true, out);
  for (const LogField& field : fields) {
    out.append(",\"").append(field.key).append("\":");
    field.is_number ? void(out += field.value) : append_quoted(field.value, true, out);
  }
  return out += "}\n";
}

}  // namespace futured::server
