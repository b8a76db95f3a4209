// The makers of settings' rows. `get` returns a reference to the field of a T.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "server/settings.h"

namespace futured::server {

constexpr std::uint64_t kNoLimit = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t kMaxPayload = std::uint64_t{1} << 30;

// As TOML.
std::string quote(std::string_view text);
std::string listed(std::span<const std::string> texts);

// How a field is shown: as `print` has its value; nothing for an optional one that is not set.
template <class Field, class Print>
std::string shown(const Field& field, Print print) {
  return print(field);
}
template <class Value, class Print>
std::string shown(const std::optional<Value>& field, Print print) {
  return field ? print(*field) : "";
}

// A row that takes one text: `parse` makes the value of it.
template <class T, class Get, class Parse, class Print>
Setting<T> value(std::string_view name, std::string_view form, Get get, Parse parse, Print print,
                 std::string_view help) {
  return {name,
          form,
          help,
          Setting<T>::Kind::kValue,
          [=](T& target, std::span<const std::string> texts) -> Parsed<void> {
            auto parsed = parse(texts.front());
            if (!parsed) return tl::unexpected(parsed.error());
            get(target) = *std::move(parsed);
            return {};
          },
          [=](const T& target) { return shown(get(target), print); }};
}

template <class T, class Get>
Setting<T> text(std::string_view name, std::string_view form, Get get, std::string_view help) {
  return value<T>(
      name, form, get, [](const std::string& given) -> Parsed<std::string> { return given; }, quote, help);
}

// One directory.
template <class T, class Get>
Setting<T> path(std::string_view name, Get get, std::string_view help) {
  Setting<T> row = text<T>(name, "PATH", get, help);
  row.kind = Setting<T>::Kind::kPath;
  return row;
}

// kPaths, kTexts or kCommand.
template <class T, class Get>
Setting<T> list(std::string_view name, std::string_view form, typename Setting<T>::Kind kind, Get get,
                std::string_view help) {
  return {name,
          form,
          help,
          kind,
          [get](T& target, std::span<const std::string> texts) -> Parsed<void> {
            get(target) = std::vector<std::string>(texts.begin(), texts.end());
            return {};
          },
          [get](const T& target) {
            return shown(get(target), [](const std::vector<std::string>& texts) { return listed(texts); });
          }};
}

template <class T, class Get>
Setting<T> toggle(std::string_view name, Get get, std::string_view help) {
  Setting<T> row = value<T>(
      name, "", get, parse_bool, [](bool on) -> std::string { return on ? "true" : "false"; }, help);
  row.kind = Setting<T>::Kind::kSwitch;
  return row;
}

// Makes a parser that refuses what is out of bounds.
template <class Parse, class Print, class Number>
auto within(Parse parse, Print print, Number least, Number most) {
  return [=](const std::string& given) -> Parsed<Number> {
    Parsed<Number> number = parse(given);
    if (number && *number < least) return tl::unexpected("must be at least " + print(least) + ", got " + given);
    if (number && *number > most) return tl::unexpected("must be at most " + print(most) + ", got " + given);
    return number;
  };
}

template <class T, class Get>
Setting<T> count(std::string_view name, Get get, std::uint64_t least, std::uint64_t most, std::string_view help) {
  return value<T>(name, "COUNT", get, within(parse_count, print_count, least, most), print_count, help);
}

template <class T, class Get>
Setting<T> size(std::string_view name, Get get, std::uint64_t least, std::uint64_t most, std::string_view help) {
  return value<T>(
      name, "SIZE", get, within(parse_size, print_size, least, most),
      [](std::uint64_t bytes) { return quote(print_size(bytes)); }, help);
}

template <class T, class Get>
Setting<T> duration(std::string_view name, Get get, std::string_view help) {
  return value<T>(
      name, "DURATION", get, parse_duration, [](core::Duration time) { return quote(print_duration(time)); }, help);
}

// From `least` to a year.
template <class T, class Get>
Setting<T> duration(std::string_view name, core::Duration least, Get get, std::string_view help) {
  constexpr core::Duration kYear = std::chrono::hours(24 * 365);
  return value<T>(
      name, "DURATION", get, within(parse_duration, print_duration, least, kYear),
      [](core::Duration time) { return quote(print_duration(time)); }, help);
}

// One of a few words, of which the place in `words` is the enumerator. `words` live for ever.
template <class T, class Get>
Setting<T> choice(std::string_view name, std::string_view form, Get get, std::span<const std::string_view> words,
                  std::string_view help) {
  using Enum = std::remove_cvref_t<decltype(get(std::declval<T&>()))>;
  const auto parse = [=](const std::string& given) -> Parsed<Enum> {
    const auto found = std::find(words.begin(), words.end(), given);
    if (found != words.end()) return static_cast<Enum>(found - words.begin());
    return tl::unexpected("must be one of " + std::string(form) + ", got " + quote(given));
  };
  return value<T>(
      name, form, get, parse, [=](Enum each) { return quote(words[static_cast<std::size_t>(each)]); }, help);
}

// A number of which 0 says that it is not set.
template <class T, class Get>
Setting<T> unless_zero(Setting<T> row, Get get) {
  const auto show = row.show;
  row.show = [=](const T& target) { return get(target) == 0 ? std::string() : show(target); };
  return row;
}

}  // namespace futured::server
