#include "server/config_file.h"

#include <toml++/toml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

#include "server/settings.h"

namespace futured::server {
namespace {

using Outcome = tl::expected<void, std::string>;

// Reads one file; keeps what every complaint needs.
class Reader {
 public:
  Reader(const std::string& path, Options& options) : path_(path), options_(options) {}

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
      Outcome read = key == "executors" ? read_executors(node) : apply(settings(), options_, "", key, node);
      if (!read) return read;
    }
    return {};
  }

  Outcome read_executors(const toml::node& node) {
    if (!node.is_table()) return complaint(node.source(), "executors: must be tables, as in [executors.thread]");
    for (const auto& [name, executor] : in_order_of_lines(*node.as_table())) {
      Outcome read = read_executor(name->str(), *name, *executor);
      if (!read) return read;
    }
    return {};
  }

  Outcome read_executor(std::string_view name, const toml::key& key, const toml::node& node) {
    const std::string prefix = "executors." + std::string(name);
    if (!node.is_table()) return complaint(node.source(), prefix + ": must be a table, as in [" + prefix + "]");
    const Parsed<ExecutorOptions*> target = executor_named(options_, name);
    if (!target) return complaint(key.source(), "executors: " + target.error());
    for (const auto& [row, value] : *node.as_table()) {
      Outcome applied = apply(executor_settings(), **target, prefix + ".", row, value);
      if (!applied) return applied;
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
    const Parsed<const Setting<T>*> row = find_setting(rows, key.str());
    if (!row) return complaint(key.source(), name + ": " + row.error());
    const bool is_list = (*row)->kind == Setting<T>::Kind::kPaths;
    Parsed<std::vector<std::string>> texts = texts_of(node, is_list);
    if (!texts) return complaint(node.source(), name + ": " + texts.error());
    if (is_list) make_relative_to_file(*texts);
    const Parsed<void> set = (*row)->set(target, *texts);
    if (!set) return complaint(node.source(), name + ": " + set.error());
    return {};
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

  // A bare name is looked for beside the file first.
  void make_relative_to_file(std::vector<std::string>& paths) const {
    const std::filesystem::path directory = std::filesystem::absolute(path_).parent_path();
    for (std::string& path : paths) {
      const bool bare = path.find('/') == std::string::npos;
      if (!bare || std::filesystem::exists(directory / path)) path = (directory / path).lexically_normal();
    }
  }

  Outcome complaint(const toml::source_region& where, const std::string& what) const {
    return tl::unexpected(path_ + ":" + std::to_string(where.begin.line) + ": " + what);
  }

  const std::string path_;
  Options& options_;
};

}  // namespace

tl::expected<void, std::string> read_config_file(const std::string& path, Options& options) {
  return Reader(path, options).read();
}

}  // namespace futured::server
