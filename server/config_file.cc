#include "server/config_file.h"

#include <toml++/toml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

#include "server/settings.h"
#include "server/suggestion.h"

namespace futured::server {
namespace {

using Outcome = tl::expected<void, std::string>;

// What makes a table of a name's part.
constexpr const char* kQuotesHint = "; a name with a dot is written in quotes, as in [functions.\"image.resize\"]";

// Reads one file; keeps what every complaint needs.
class Reader {
 public:
  Reader(const std::string& path, Options& options, Origins& origins)
      : path_(path), options_(options), origins_(origins) {}

  Outcome read() {
    std::ifstream stream(path_);
    std::ostringstream text;
    if (!stream || !(text << stream.rdbuf())) return tl::unexpected(path_ + ": cannot be read");
    try {
      return read_top(toml::parse(text.str(), path_));
    } catch (const toml::parse_error& error) {
      return complaint(error.source(), std::string(error.description()));
    }
  }

 private:
  Outcome read_top(const toml::table& table) {
    for (const auto& [key, node] : table) {
      Outcome read = key == "executors"   ? read_tables(key, node, executor_settings(), executor_named)
                     : key == "functions" ? read_tables(key, node, function_settings(), function_named)
                                          : apply(settings(), options_, "", key, node);
      if (!read) return read;
    }
    return {};
  }

  static std::string not_a_table(const std::string& name) { return name + ": must be a table, as in [" + name + "]"; }

  // A table of tables, each about one T.
  template <class T>
  Outcome read_tables(const toml::key& kind, const toml::node& node, const std::vector<Setting<T>>& rows,
                      Parsed<T*> (*find)(Options&, std::string_view)) {
    const std::string name(kind.str());
    if (!node.is_table()) return complaint(node.source(), name + ": must be tables, as in [" + name + ".NAME]");
    for (const auto& [key, each] : in_order_of_lines(*node.as_table())) {
      const std::string prefix = name + "." + std::string(key->str());
      if (!each->is_table()) return complaint(each->source(), not_a_table(prefix));
      const Parsed<T*> target = find(options_, key->str());
      if (!target) return complaint(key->source(), name + ": " + target.error());
      origins_.set(prefix, place(key->source()) + prefix);
      for (const auto& [row, value] : *each->as_table()) {
        Outcome applied = apply(rows, **target, prefix + ".", row, value);
        if (!applied) return applied;
      }
    }
    return {};
  }

  // The library orders by name; the first executor in the file is the default one.
  static std::vector<std::pair<const toml::key*, const toml::node*>> in_order_of_lines(const toml::table& table) {
    std::vector<std::pair<const toml::key*, const toml::node*>> entries;
    for (const auto& [key, node] : table) entries.emplace_back(&key, &node);
    std::sort(entries.begin(), entries.end(),
              [](const auto& a, const auto& b) { return a.first->source().begin.line < b.first->source().begin.line; });
    return entries;
  }

  // Sets the row `key` of `target` to the value.
  template <class T>
  Outcome apply(const std::vector<Setting<T>>& rows, T& target, const std::string& prefix, const toml::key& key,
                const toml::node& node) {
    const std::string name = prefix + std::string(key.str());
    Parsed<const Setting<T>*> row = find_setting(rows, key.str());
    if (!row) return complaint(key.source(), name + ": " + row.error() + hint_for(prefix, key, node));
    if (node.is_array() && (*row)->as_command != nullptr) row = (*row)->as_command.get();
    const bool one = (*row)->kind == Setting<T>::Kind::kAddresses && node.is_string();
    Parsed<std::vector<std::string>> texts = texts_of(node, (*row)->is_list() && !one);
    if (!texts) return complaint(node.source(), name + ": " + texts.error());
    make_relative_to_file((*row)->kind, *texts);
    const Parsed<void> set = (*row)->set(target, *texts);
    if (!set) return complaint(node.source(), name + ": " + set.error());
    origins_.set(name, place(node.source()) + name);
    return {};
  }

  // What somebody may have meant by a table that has no meaning.
  static std::string hint_for(const std::string& prefix, const toml::key& key, const toml::node& node) {
    if (!node.is_table()) return "";
    static const std::vector<std::string> tables = {"executors", "functions"};
    return prefix.empty() ? did_you_mean(key.str(), tables) : kQuotesHint;
  }

  static Parsed<std::vector<std::string>> texts_of(const toml::node& node, bool is_list) {
    std::vector<std::string> texts;
    if (!is_list) {
      if (std::optional<std::string> text = text_of(node)) return std::vector{*std::move(text)};
      return tl::unexpected(std::string("must be a text, a number or true or false"));
    }
    if (!node.is_array()) return tl::unexpected(std::string("must be a list of texts, as in [\"a\", \"b\"]"));
    for (const toml::node& element : *node.as_array()) {
      if (!element.is_string()) return tl::unexpected(std::string("must be a list of texts, as in [\"a\", \"b\"]"));
      texts.push_back(element.as_string()->get());
    }
    return texts;
  }

  static std::optional<std::string> text_of(const toml::node& node) {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* number = node.as_integer()) return std::to_string(number->get());
    if (const auto* number = node.as_floating_point()) return std::to_string(number->get());
    if (const auto* truth = node.as_boolean()) return truth->get() ? "true" : "false";
    return std::nullopt;
  }

  template <class Kind>
  void make_relative_to_file(Kind kind, std::vector<std::string>& texts) const {
    const std::filesystem::path directory = std::filesystem::absolute(path_).parent_path();
    for (std::string& text : texts) {
      const bool bare = text.find('/') == std::string::npos;
      const bool is_path = (kind == Kind::kPath && !text.empty()) || (kind == Kind::kCommand && !bare) ||
                           // A bare name is looked for beside the file first.
                           (kind == Kind::kPaths && (!bare || std::filesystem::exists(directory / text)));
      if (is_path) text = (directory / text).lexically_normal();
      // Of a command, only the program is a path.
      if (kind == Kind::kCommand) break;
    }
  }

  std::string place(const toml::source_region& where) const {
    return path_ + ":" + std::to_string(where.begin.line) + ": ";
  }
  Outcome complaint(const toml::source_region& where, const std::string& what) const {
    return tl::unexpected(place(where) + what);
  }

  const std::string path_;
  Options& options_;
  Origins& origins_;
};

}  // namespace

tl::expected<void, std::string> read_config_file(const std::string& path, Options& options, Origins& origins) {
  return Reader(path, options, origins).read();
}

}  // namespace futured::server
