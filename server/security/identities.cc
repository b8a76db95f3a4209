// Reads the file of identities.
#include <toml++/toml.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <span>
#include <utility>

#include "server/security/identity.h"
#include "server/security/secret_file.h"
#include "server/security/token_file.h"
#include "server/suggestion.h"
#include "server/units.h"

namespace futured::security {
namespace {

using Outcome = tl::expected<void, std::string>;
using Texts = std::vector<std::string>;

// A key of a table, and what to do with its value. The failure says what is wrong with it, without naming the key.
template <class T>
struct Key {
  std::string name;
  std::function<Outcome(T&, const toml::node&)> read;
};

tl::expected<Texts, std::string> texts_of(const toml::node& node) {
  const char* complaint = "must be a list of texts, as in [\"a\", \"b\"]";
  if (!node.is_array()) return tl::unexpected<std::string>(complaint);
  Texts texts;
  for (const toml::node& element : *node.as_array()) {
    if (!element.is_string()) return tl::unexpected<std::string>(complaint);
    texts.push_back(element.as_string()->get());
    if (texts.back().empty()) return tl::unexpected<std::string>("has an empty text");
  }
  return texts;
}

Key<Identity> list_key(std::string name, Texts Identity::*field) {
  return {std::move(name), [field](Identity& identity, const toml::node& node) -> Outcome {
            auto texts = texts_of(node);
            if (!texts) return tl::unexpected(texts.error());
            identity.*field = *std::move(texts);
            return {};
          }};
}

Outcome read_namespace(Identity& identity, const toml::node& node) {
  if (!node.is_string() || !is_identity_name(node.as_string()->get())) {
    return tl::unexpected<std::string>("must be a text of 1 to 64 letters, digits, \"_\", \"-\" or \".\"");
  }
  identity.name_space = node.as_string()->get();
  return {};
}

Outcome read_verbs(Identity& identity, const toml::node& node) {
  const auto texts = texts_of(node);
  if (!texts) return tl::unexpected(texts.error());
  const Texts known = {"submit", "read", "cancel", "admin"};
  for (const std::string& text : *texts) {
    const auto found = std::find(known.begin(), known.end(), text);
    if (found == known.end()) {
      return tl::unexpected("\"" + text + "\" is no verb" + server::did_you_mean(text, known) +
                            " There are submit, read, cancel and admin");
    }
    identity.verbs.add(static_cast<Verb>(found - known.begin()));
  }
  return {};
}

Outcome read_uids(Identity& identity, const toml::node& node) {
  const char* complaint = "must be a list of numbers of users, as in [1000]";
  if (!node.is_array()) return tl::unexpected<std::string>(complaint);
  for (const toml::node& element : *node.as_array()) {
    const auto uid = element.value<std::int64_t>();
    // The last one says "nobody" in the system's calls.
    if (!element.is_integer() || *uid < 0 || *uid >= std::numeric_limits<std::uint32_t>::max()) {
      return tl::unexpected<std::string>(complaint);
    }
    identity.uids.push_back(static_cast<std::uint32_t>(*uid));
  }
  return {};
}

Key<core::AccountLimits> limit_key(std::string name, std::uint64_t core::AccountLimits::*field,
                                   server::Parsed<std::uint64_t> (*parse)(std::string_view)) {
  return {std::move(name), [field, parse](core::AccountLimits& limits, const toml::node& node) -> Outcome {
            std::string text;
            if (node.is_string()) text = node.as_string()->get();
            if (node.is_integer()) text = std::to_string(node.as_integer()->get());
            const auto number = parse(text);
            if (!number) return tl::unexpected(number.error());
            if (*number == 0) return tl::unexpected<std::string>("must be at least 1; without a limit it is left out");
            limits.*field = *number;
            return {};
          }};
}

const std::vector<Key<core::AccountLimits>>& limit_keys() {
  using L = core::AccountLimits;
  static const std::vector<Key<L>> keys = {
      limit_key("max_pending", &L::max_pending, server::parse_count),
      limit_key("max_pending_bytes", &L::max_pending_bytes, server::parse_size),
      limit_key("max_running", &L::max_running, server::parse_count),
      limit_key("max_submits_per_second", &L::max_submits_per_second, server::parse_count),
      limit_key("max_waiters", &L::max_waiters, server::parse_count),
      limit_key("max_streams", &L::max_streams, server::parse_count),
  };
  return keys;
}

// Reads one file; keeps what every complaint needs.
class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path) {}

  tl::expected<std::vector<Identity>, std::string> read(const std::string& text) {
    try {
      const toml::table file = toml::parse(text, path_);
      if (Outcome done = read_file(file); !done) return tl::unexpected(done.error());
    } catch (const toml::parse_error& error) {
      return tl::unexpected(place(error.source()) + std::string(error.description()));
    }
    return std::move(identities_);
  }

 private:
  Outcome read_file(const toml::table& file) {
    for (const auto& [key, node] : file) {
      if (key != "identities")
        return complaint(key.source(), std::string(key.str()), "unknown key; identities are tables [identities.NAME]");
      if (!node.is_table()) return complaint(node.source(), "identities", "must be tables, as in [identities.NAME]");
      for (const auto& [name, identity] : *node.as_table()) {
        if (Outcome done = read_identity(name, identity); !done) return done;
      }
    }
    return {};
  }

  Outcome read_identity(const toml::key& name, const toml::node& node) {
    std::string path = "identities.";
    path += name.str();
    if (!is_identity_name(name.str())) {
      return complaint(name.source(), "identities",
                       "an identity's name is 1 to 64 letters, digits, \"_\", \"-\" or \".\"");
    }
    if (!node.is_table()) return complaint(node.source(), path, "must be a table, as in [" + path + "]");
    Identity identity;
    identity.name = identity.name_space = name.str();
    if (Outcome done = read_keys(*node.as_table(), path, keys(), identity); !done) return done;
    return enter(std::move(identity), path, name.source());
  }

  const std::vector<Key<Identity>>& keys() {
    if (!keys_.empty()) return keys_;
    keys_ = {{"namespace", read_namespace},
             {"verbs", read_verbs},
             list_key("executors", &Identity::executors),
             list_key("functions", &Identity::functions),
             list_key("certificates", &Identity::certificates),
             {"uids", read_uids}};
    return keys_;
  }

  template <class T>
  Outcome read_keys(const toml::table& table, const std::string& path, const std::vector<Key<T>>& keys, T& target) {
    for (const auto& [key, node] : table) {
      const std::string name = path + "." + std::string(key.str());
      if constexpr (std::is_same_v<T, Identity>) {
        if (key == "limits") {
          if (!node.is_table()) return complaint(node.source(), name, "must be a table, as in {max_pending = 1000}");
          if (Outcome done = read_keys(*node.as_table(), name, limit_keys(), target.limits); !done) return done;
          continue;
        }
      }
      const auto found = std::ranges::find(keys, key.str(), &Key<T>::name);
      if (found == keys.end()) return complaint(key.source(), name, "unknown key" + suggestion(key.str(), keys));
      const Outcome read = found->read(target, node);
      if (!read) return complaint(node.source(), name, read.error());
    }
    return {};
  }

  template <class T>
  static std::string suggestion(std::string_view typed, const std::vector<Key<T>>& keys) {
    Texts names;
    for (const Key<T>& key : keys) names.push_back(key.name);
    if constexpr (std::is_same_v<T, Identity>) names.emplace_back("limits");
    return server::did_you_mean(typed, names);
  }

  // What concerns more than one key.
  Outcome enter(Identity identity, const std::string& path, const toml::source_region& where) {
    if (identity.verbs.empty()) return complaint(where, path + ".verbs", "is missing: the identity may do nothing");
    if (identity.verbs.has(Verb::kSubmit) && (identity.executors.empty() || identity.functions.empty())) {
      return complaint(where, path, "may submit, but to no executor or no function: [\"*\"] stands for all");
    }
    for (const std::string& certificate : identity.certificates) {
      const auto [other, is_new] = by_certificate_.emplace(certificate, identity.name);
      if (!is_new)
        return complaint(where, path + ".certificates", "\"" + certificate + "\" is " + other->second + "'s");
    }
    for (const std::uint32_t uid : identity.uids) {
      const auto [other, is_new] = by_uid_.emplace(uid, identity.name);
      if (!is_new) return complaint(where, path + ".uids", std::to_string(uid) + " is " + other->second + "'s");
    }
    identities_.push_back(std::move(identity));
    return {};
  }

  std::string place(const toml::source_region& where) const {
    return path_ + ":" + std::to_string(where.begin.line) + ": ";
  }
  Outcome complaint(const toml::source_region& where, const std::string& key, const std::string& what) const {
    return tl::unexpected(place(where) + key + ": " + what);
  }

  const std::string path_;
  std::vector<Key<Identity>> keys_;
  std::vector<Identity> identities_;
  // Whose each is.
  std::map<std::string, std::string> by_certificate_;
  std::map<std::uint32_t, std::string> by_uid_;
};

}  // namespace

tl::expected<std::vector<Identity>, std::string> parse_identities(const std::string& text, const std::string& path) {
  return Reader(path).read(text);
}

tl::expected<std::vector<Identity>, std::string> read_identities(const std::string& path) {
  const auto text = read_trusted_file(path);
  if (!text) return tl::unexpected(text.error());
  return parse_identities(*text, path);
}

}  // namespace futured::security
