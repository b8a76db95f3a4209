// Bearer tokens: "futured_" and 43 characters of base64url, which are 32 random bytes. The daemon keeps their SHA-256
// alone, so its file of tokens opens nothing to who reads it. No salt: nobody can search 256 random bits.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace futured::security {

inline constexpr std::string_view kTokenPrefix = "futured_";
inline constexpr std::size_t kTokenLength = 51;

using TokenHash = std::array<std::uint8_t, 32>;

// A new one, of the system's randomness. Throws std::runtime_error when there is none.
std::string make_token();
// Whether the text has the form of a token.
bool is_token(std::string_view text);
// Of any text. Does not throw but for memory.
TokenHash hash_token(std::string_view token);
// Takes the same time wherever they differ.
bool same_hash(const TokenHash& a, const TokenHash& b);

// 64 lower case digits, and back.
std::string to_hex(const TokenHash& hash);
std::optional<TokenHash> parse_hash(std::string_view hex);

}  // namespace futured::security
