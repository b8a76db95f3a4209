#include "server/log_line.h"

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

// How many bytes at the start of `text` are one well-formed character of UTF-8 that a terminal only shows; 0: none.
std::size_t shown_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return lead >= 0x20 && lead != 0x7f ? 1 : 0;
  const std::size_t length = lead >= 0xf0 && lead < 0xf5 ? 4 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xc2 ? 2 : 0;
  if (length == 0 || lead >= 0xf5) return 0;
  unsigned code = lead & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return 0;
    code = code << 6 | (byte(i) & 0x3fU);
  }
  constexpr std::array<unsigned, 5> kLeast{0, 0, 0xa0, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  return code >= kLeast[length] && code <= 0x10ffff && !surrogate ? length : 0;
}

void append_escape(unsigned char c, bool json, std::string& out) {
  std::array<char, 8> text{};
  if (c == '\n') {
    out += "\\n";
  } else if (c == '\t') {
    out += "\\t";
  } else if (json) {
    std::snprintf(text.data(), text.size(), "\\u%04x", c < 0x80 ? c : 0xfffdU);
    out += text.data();
  } else {
    std::snprintf(text.data(), text.size(), "\\x%02x", c);
    out += text.data();
  }
}

void append_escaped(std::string_view text, bool json, bool in_quotes, std::string& out) {
  const bool cut = text.size() > kMaxLogText;
  text = text.substr(0, kMaxLogText);
  while (!text.empty()) {
    const std::size_t length = shown_character(text);
    if (length == 0) append_escape(static_cast<unsigned char>(text[0]), json, out);
    if (in_quotes && (text[0] == '"' || text[0] == '\\')) out += '\\';
    out.append(text.substr(0, length));
    text.remove_prefix(length == 0 ? 1 : length);
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
