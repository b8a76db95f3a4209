#include "server/security/token_file.h"

#include <algorithm>
#include <set>
#include <utility>

#include "server/security/replace_file.h"
#include "server/security/secret_file.h"

namespace futured::security {
namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr std::string_view kHashKind = "sha256:";
constexpr std::size_t kIdLength = 8;
constexpr std::size_t kLongestName = 64;

using Outcome = tl::expected<void, std::string>;

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  line = line.substr(0, line.find('#'));
  for (;;) {
    const std::size_t begin = line.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) return words;
    line.remove_prefix(begin);
    const std::size_t end = std::min(line.find_first_of(kBlanks), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

std::string id_of(const TokenHash& hash) { return to_hex(hash).substr(0, kIdLength); }

bool is_id(std::string_view text) {
  return text.size() == kIdLength && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Outcome read_attribute(std::string_view word, TokenEntry& entry) {
  if (word.starts_with("expires=")) {
    const auto instant = parse_instant(word.substr(word.find('=') + 1));
    if (!instant) return tl::unexpected("expires: " + instant.error());
    entry.expires = *instant;
    return {};
  }
  if (word.starts_with("id=") && is_id(word.substr(3))) {
    entry.id = word.substr(3);
    return {};
  }
  if (word.starts_with("id=")) return tl::unexpected<std::string>("id: must be 8 hexadecimal digits in lower case");
  return tl::unexpected<std::string>("after the hash come expires=TIME and id=ID alone");
}

tl::expected<TokenEntry, std::string> read_line(const std::vector<std::string_view>& words) {
  TokenEntry entry;
  if (!is_identity_name(words[0])) {
    return tl::unexpected<std::string>("an identity's name is 1 to 64 letters, digits, \"_\", \"-\" or \".\"");
  }
  entry.identity = words[0];
  // What stands there may be a token that somebody took for its hash: it is not repeated.
  if (words.size() < 2 || !words[1].starts_with(kHashKind)) {
    return tl::unexpected<std::string>("behind the identity must be sha256: and the hash of a token");
  }
  const auto hash = parse_hash(words[1].substr(kHashKind.size()));
  if (!hash) return tl::unexpected<std::string>("a hash is 64 hexadecimal digits in lower case");
  entry.hash = *hash;
  entry.id = id_of(*hash);
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (Outcome read = read_attribute(words[i], entry); !read) return tl::unexpected(read.error());
  }
  return entry;
}

// Calls `visit` with each line and its number; it says whether to go on.
template <class Visit>
void each_line(std::string_view text, Visit visit) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (!visit(number, text.substr(0, end))) return;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

tl::expected<std::string, std::string> checked_text(const std::string& path) {
  auto text = read_secret_file(path);
  if (!text) return text;
  if (const auto entries = parse_tokens(*text, path); !entries) return tl::unexpected(entries.error());
  return text;
}

}  // namespace

TokenEntry entry_of(std::string identity, std::string_view token, std::optional<Instant> expires) {
  TokenEntry entry{std::move(identity), hash_token(token), expires, {}};
  entry.id = id_of(entry.hash);
  return entry;
}

bool is_identity_name(std::string_view name) {
  const auto fits = [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
  };
  return !name.empty() && name.size() <= kLongestName && std::all_of(name.begin(), name.end(), fits);
}

tl::expected<std::vector<TokenEntry>, std::string> parse_tokens(std::string_view text, const std::string& path) {
  std::vector<TokenEntry> entries;
  std::set<TokenHash> hashes;
  std::set<std::string, std::less<>> ids;
  std::string complaint;
  each_line(text, [&](std::size_t number, std::string_view line) {
    const auto words = words_of(line);
    if (words.empty()) return true;
    auto entry = read_line(words);
    if (!entry) {
      complaint = entry.error();
    } else if (!hashes.insert(entry->hash).second) {
      complaint = "that hash has been there before";
    } else if (!ids.insert(entry->id).second) {
      complaint = "the ID " + entry->id + " has been there before";
    }
    if (complaint.empty()) {
      entries.push_back(*std::move(entry));
      return true;
    }
    complaint.insert(0, path + ":" + std::to_string(number) + ": ");
    return false;
  });
  if (!complaint.empty()) return tl::unexpected(std::move(complaint));
  return entries;
}

tl::expected<std::vector<TokenEntry>, std::string> read_token_file(const std::string& path) {
  const auto text = read_secret_file(path);
  if (!text) return tl::unexpected(text.error());
  return parse_tokens(*text, path);
}

std::string print_token(const TokenEntry& entry) {
  std::string line = entry.identity;
  line.append(" ").append(kHashKind).append(to_hex(entry.hash));
  if (entry.expires) line.append(" expires=").append(print_instant(*entry.expires));
  return line.append(" id=").append(entry.id);
}

Outcome append_token(const std::string& path, const TokenEntry& entry) {
  return replace_file(path, [&](bool exists) -> tl::expected<std::string, std::string> {
    auto text = exists ? checked_text(path) : std::string();
    if (!text) return text;
    if (!text->empty() && text->back() != '\n') *text += '\n';
    text->append(print_token(entry)).append("\n");
    if (const auto all = parse_tokens(*text, path); !all) return tl::unexpected(all.error());
    return text;
  });
}

Outcome remove_token(const std::string& path, std::string_view id) {
  return replace_file(path, [&](bool) -> tl::expected<std::string, std::string> {
    auto text = checked_text(path);
    if (!text) return text;
    std::string kept;
    bool found = false;
    each_line(*text, [&](std::size_t, std::string_view line) {
      const auto words = words_of(line);
      if (!words.empty() && read_line(words)->id == id) {
        found = true;
      } else {
        kept.append(line).append("\n");
      }
      return true;
    });
    if (!found) return tl::unexpected(path + ": no token has the ID " + std::string(id));
    return kept;
  });
}

}  // namespace futured::security
