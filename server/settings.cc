#include "server/settings.h"

#include <algorithm>
#include <cctype>
#include <limits>

#include "server/rpc/listen_address.h"
#include "server/suggestion.h"

namespace futured::server {
namespace {

constexpr std::uint64_t kNoLimit = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t kMaxPayload = std::uint64_t{1} << 30;

std::string quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string listed(std::span<const std::string> texts) {
  std::string out = "[";
  for (const std::string& text : texts) out += (out.size() > 1 ? ", " : "") + quote(text);
  return out + "]";
}

// The makers of rows. `get` returns a reference to the field of a T.
template <class T, class Get>
Setting<T> text(std::string_view name, std::string_view value, Get get, std::string_view help) {
  return {name,
          value,
          help,
          Setting<T>::Kind::kValue,
          [get](T& target, std::span<const std::string> texts) -> Parsed<void> {
            get(target) = texts.front();
            return {};
          },
          [get](const T& target) { return quote(get(target)); }};
}

template <class T, class Get>
Setting<T> paths(std::string_view name, Get get, std::string_view help) {
  return {name,
          "PATH[:PATH…]",
          help,
          Setting<T>::Kind::kPaths,
          [get](T& target, std::span<const std::string> texts) -> Parsed<void> {
            get(target).assign(texts.begin(), texts.end());
            return {};
          },
          [get](const T& target) { return listed(get(target)); }};
}

template <class T, class Get>
Setting<T> toggle(std::string_view name, Get get, std::string_view help) {
  return {name,
          "",
          help,
          Setting<T>::Kind::kSwitch,
          [get](T& target, std::span<const std::string> texts) -> Parsed<void> {
            return parse_bool(texts.front()).map([&](bool on) { get(target) = on; });
          },
          [get](const T& target) { return std::string(get(target) ? "true" : "false"); }};
}

template <class T, class Get, class Parse, class Print>
Setting<T> bounded(std::string_view name, std::string_view value, Get get, Parse parse, Print print,
                   std::uint64_t least, std::uint64_t most, std::string_view help) {
  return {name,
          value,
          help,
          Setting<T>::Kind::kValue,
          [=](T& target, std::span<const std::string> texts) -> Parsed<void> {
            const Parsed<std::uint64_t> number = parse(texts.front());
            if (!number) return tl::unexpected(number.error());
            if (*number < least) return tl::unexpected("must be at least " + print(least) + ", got " + texts.front());
            if (*number > most) return tl::unexpected("must be at most " + print(most) + ", got " + texts.front());
            get(target) = *number;
            return {};
          },
          [=](const T& target) { return print(get(target)); }};
}

template <class T, class Get>
Setting<T> count(std::string_view name, Get get, std::uint64_t most, std::string_view help) {
  return bounded<T>(name, "COUNT", get, parse_count, print_count, 1, most, help);
}

template <class Get>
Setting<Options> size(std::string_view name, Get get, std::uint64_t least, std::uint64_t most, std::string_view help) {
  Setting<Options> row = bounded<Options>(name, "SIZE", get, parse_size, print_size, least, most, help);
  row.show = [get](const Options& options) { return quote(print_size(get(options))); };
  return row;
}

template <class Get>
Setting<Options> duration(std::string_view name, Get get, std::string_view help) {
  return {name,
          "DURATION",
          help,
          Setting<Options>::Kind::kValue,
          [get](Options& options, std::span<const std::string> texts) -> Parsed<void> {
            return parse_duration(texts.front()).map([&](core::Duration value) { get(options) = value; });
          },
          [get](const Options& options) { return quote(print_duration(get(options))); }};
}

// One of a few words, of which the place in `words` is the enumerator.
template <class Get>
Setting<Options> choice(std::string_view name, std::string_view value, Get get, std::span<const std::string_view> words,
                        std::string_view help) {
  return {name,
          value,
          help,
          Setting<Options>::Kind::kValue,
          [=](Options& options, std::span<const std::string> texts) -> Parsed<void> {
            const auto found = std::find(words.begin(), words.end(), texts.front());
            if (found == words.end()) {
              return tl::unexpected("must be one of " + std::string(value) + ", got " + quote(texts.front()));
            }
            using Enum = std::remove_cvref_t<decltype(get(options))>;
            get(options) = static_cast<Enum>(found - words.begin());
            return {};
          },
          [=](const Options& options) { return quote(words[static_cast<std::size_t>(get(options))]); }};
}

Setting<Options> listen_row() {
  Setting<Options> row = text<Options>(
      "listen", "HOST:PORT", [](auto& o) -> auto& { return o.listen; },
      "Where to serve; an IPv4 address, [IPv6 address] or localhost; port 0: any free one");
  const auto store = row.set;
  row.set = [store](Options& options, std::span<const std::string> texts) -> Parsed<void> {
    const auto address = rpc::parse_listen_address(texts.front());
    if (!address) return tl::unexpected(address.error().message);
    return store(options, texts);
  };
  return row;
}

Setting<ExecutorOptions> kind_row() {
  Setting<ExecutorOptions> row = text<ExecutorOptions>(
      "kind", "thread", [](auto& e) -> auto& { return e.kind; },
      "Where functions run: \"thread\" is a thread of the daemon");
  row.set = [](ExecutorOptions& executor, std::span<const std::string> texts) -> Parsed<void> {
    if (texts.front() != "thread") return tl::unexpected("must be \"thread\", got " + quote(texts.front()));
    executor.kind = texts.front();
    return {};
  };
  return row;
}

std::vector<Setting<Options>> make_settings() {
  using O = Options;
  static constexpr std::string_view kLevels[] = {"debug", "info", "warning", "error"};
  static constexpr std::string_view kFormats[] = {"text", "json"};
  return {
      listen_row(),
      toggle<O>(
          "listen_insecurely_on_any_interface", [](auto& o) -> auto& { return o.listen_insecurely_on_any_interface; },
          "Let `listen` be other than loopback, although anybody who reaches it may run every function"),
      text<O>(
          "port_file", "FILE", [](auto& o) -> auto& { return o.port_file; },
          "Write the address that was bound into this file"),
      paths<O>(
          "plugins", [](auto& o) -> auto& { return o.plugins; }, "Shared libraries that bring functions"),
      paths<O>(
          "plugin_path", [](auto& o) -> auto& { return o.plugin_path; },
          "Directories to look for plugins given by bare names, before the installed ones"),
      size(
          "max_arguments_size", [](auto& o) -> auto& { return o.max_arguments_size; }, 1, kMaxPayload,
          "Arguments of one task"),
      size(
          "max_value_size", [](auto& o) -> auto& { return o.max_value_size; }, 1, kMaxPayload, "Value of one task"),
      size(
          "max_metadata_size", [](auto& o) -> auto& { return o.max_metadata_size; }, 1 << 10, 1 << 20,
          "Headers of one call"),
      count<O>(
          "max_ids_per_call", [](auto& o) -> auto& { return o.max_ids_per_call; }, kNoLimit,
          "IDs, or tasks, in one unary call"),
      count<O>(
          "max_connections", [](auto& o) -> auto& { return o.max_connections; }, 1'000'000,
          "Open connections; further ones are closed at once"),
      count<O>(
          "max_streams_per_connection", [](auto& o) -> auto& { return o.max_streams_per_connection; }, 1'000'000,
          "Calls under way on one connection; further ones wait in the client"),
      count<O>(
          "max_waiters", [](auto& o) -> auto& { return o.limits.max_subscribers; }, kNoLimit,
          "Waiting calls and open sessions, together"),
      count<O>(
          "max_pending", [](auto& o) -> auto& { return o.limits.max_pending; }, kNoLimit,
          "Futures that have not finished"),
      size(
          "max_pending_bytes", [](auto& o) -> auto& { return o.limits.max_pending_bytes; }, 1, kNoLimit,
          "Arguments of all futures that have not finished"),
      duration(
          "retention", [](auto& o) -> auto& { return o.limits.retention; },
          "How long an outcome is kept, unless its task says otherwise"),
      count<O>(
          "max_retained", [](auto& o) -> auto& { return o.limits.max_retained; }, kNoLimit,
          "Finished futures that are kept; above it the oldest are forgotten"),
      size(
          "max_retained_bytes", [](auto& o) -> auto& { return o.limits.max_retained_bytes; }, 1, kNoLimit,
          "Values of all finished futures that are kept"),
      duration(
          "drain_grace", [](auto& o) -> auto& { return o.drain_grace; },
          "How long running tasks may go on after SIGTERM"),
      duration(
          "exit_margin", [](auto& o) -> auto& { return o.exit_margin; },
          "How long after the grace the process ends itself if something still hangs"),
      choice(
          "log_level", "debug|info|warning|error", [](auto& o) -> auto& { return o.log_level; }, kLevels,
          "The least severe lines that are written"),
      choice(
          "log_format", "text|json", [](auto& o) -> auto& { return o.log_format; }, kFormats,
          "How lines are written to standard error"),
      toggle<O>(
          "verbose", [](auto& o) -> auto& { return o.verbose; }, "Write a line for each change of a future's state"),
      toggle<O>(
          "reflection", [](auto& o) -> auto& { return o.reflection; }, "Tell clients the schema (grpcurl needs it)"),
  };
}

std::vector<Setting<ExecutorOptions>> make_executor_settings() {
  using E = ExecutorOptions;
  return {
      kind_row(),
      count<E>(
          "max_workers", [](auto& e) -> auto& { return e.max_workers; }, 10'000, "Plain functions that run at once"),
      count<E>(
          "max_coroutines", [](auto& e) -> auto& { return e.max_coroutines; }, 10'000'000,
          "Coroutines that are under way at once"),
  };
}

template <class T>
void print_rows(const std::vector<Setting<T>>& rows, const T& target, std::string& out) {
  for (const Setting<T>& row : rows) {
    out.append("# ").append(row.help).append("\n");
    out.append(row.name).append(" = ").append(row.show(target)).append("\n");
  }
}

}  // namespace

const std::vector<Setting<Options>>& settings() {
  static const std::vector<Setting<Options>> rows = make_settings();
  return rows;
}

const std::vector<Setting<ExecutorOptions>>& executor_settings() {
  static const std::vector<Setting<ExecutorOptions>> rows = make_executor_settings();
  return rows;
}

std::string flag_name(std::string_view name) {
  std::string flag = "--" + std::string(name);
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

std::string variable_name(std::string_view name) {
  std::string variable = "FUTURED_";
  for (const char c : name) variable += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return variable;
}

Parsed<ExecutorOptions*> executor_named(Options& options, std::string_view name) {
  const auto fits = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; };
  if (name.empty() || name.size() > 64 || !std::all_of(name.begin(), name.end(), fits)) {
    return tl::unexpected("an executor's name is 1 to 64 letters, digits, _ or -, got " + quote(name));
  }
  for (ExecutorOptions& executor : options.executors) {
    if (executor.name == name) return &executor;
  }
  ExecutorOptions& added = options.executors.emplace_back();
  added.name = name;
  return &added;
}

template <class T>
Parsed<const Setting<T>*> find_setting(const std::vector<Setting<T>>& rows, std::string_view name) {
  std::vector<std::string> names;
  for (const Setting<T>& row : rows) {
    if (row.name == name) return &row;
    names.emplace_back(row.name);
  }
  return tl::unexpected("unknown key" + did_you_mean(name, names));
}

template Parsed<const Setting<Options>*> find_setting(const std::vector<Setting<Options>>&, std::string_view);
template Parsed<const Setting<ExecutorOptions>*> find_setting(const std::vector<Setting<ExecutorOptions>>&,
                                                              std::string_view);

std::string print_settings(const Options& options) {
  std::string out;
  print_rows(settings(), options, out);
  for (const ExecutorOptions& executor : options.executors) {
    out.append("\n[executors.").append(executor.name).append("]\n");
    print_rows(executor_settings(), executor, out);
  }
  return out;
}

}  // namespace futured::server
