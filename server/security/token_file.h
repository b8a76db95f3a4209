// The file of tokens: who has one, as hashes.
//
//   # IDENTITY sha256:HASH [expires=TIME] [id=ID]
//   web sha256:9f86d081884c7d65…  expires=2026-12-24T18:00:00Z id=1a2b3c4d
//
// An identity may have several that are valid at once, so that one takes the place of another without a gap.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "server/security/instant.h"
#include "server/security/token.h"

namespace futured::security {

struct TokenEntry {
  std::string identity;
  TokenHash hash{};
  // From then on it is refused. Nothing: never.
  std::optional<Instant> expires;
  // What people call it by: 8 hexadecimal digits, those of the hash unless the line has others.
  std::string id;
};

// What the file has of a token.
TokenEntry entry_of(std::string identity, std::string_view token, std::optional<Instant> expires = {});

// Identities are 1 to 64 letters, digits, "_", "-" or ".".
bool is_identity_name(std::string_view name);

// The failure names `path` and the line, and has nothing of the hash. The same hash or ID twice is refused.
tl::expected<std::vector<TokenEntry>, std::string> parse_tokens(std::string_view text, const std::string& path);
// The file must be its owner's alone; see read_secret_file(). Blocks on the disk.
tl::expected<std::vector<TokenEntry>, std::string> read_token_file(const std::string& path);

// A line of the file, without its end.
std::string print_token(const TokenEntry& entry);

// Change the file as a whole, under a lock that other calls of these wait for: readers see what was or what is, safe
// from a power cut. A file that is not there is made with the mode 0600. Comments stay.
tl::expected<void, std::string> append_token(const std::string& path, const TokenEntry& entry);
// Takes the token with that ID out. The failure says so if there is none.
tl::expected<void, std::string> remove_token(const std::string& path, std::string_view id);

}  // namespace futured::security
