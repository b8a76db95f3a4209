#include "server/security/token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <stdexcept>

namespace futured::security {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::size_t kRandomBytes = 32;

// Six bits a character, without padding.
std::string base64url(const std::array<std::uint8_t, kRandomBytes>& bytes) {
  std::string text;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const std::uint8_t byte : bytes) {
    bits = bits << 8 | byte;
    for (count += 8; count >= 6; count -= 6) text += kAlphabet[bits >> (count - 6) & 0x3f];
  }
  if (count > 0) text += kAlphabet[bits << (6 - count) & 0x3f];
  return text;
}

}  // namespace

std::string make_token() {
  std::array<std::uint8_t, kRandomBytes> bytes{};
  if (RAND_bytes(bytes.data(), bytes.size()) != 1) throw std::runtime_error("the system has no random numbers");
  std::string token(kTokenPrefix);
  token += base64url(bytes);
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return token;
}

bool is_token(std::string_view text) {
  return text.size() == kTokenLength && text.starts_with(kTokenPrefix) &&
         text.find_first_not_of(kAlphabet, kTokenPrefix.size()) == std::string_view::npos;
}

TokenHash hash_token(std::string_view token) {
  TokenHash hash{};
  if (EVP_Digest(token.data(), token.size(), hash.data(), nullptr, EVP_sha256(), nullptr) != 1) throw std::bad_alloc();
  return hash;
}

bool same_hash(const TokenHash& a, const TokenHash& b) { return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0; }

std::string to_hex(const TokenHash& hash) {
  std::string text;
  for (const std::uint8_t byte : hash) text.append({kHexDigits[byte >> 4], kHexDigits[byte & 0xf]});
  return text;
}

std::optional<TokenHash> parse_hash(std::string_view hex) {
  TokenHash hash{};
  if (hex.size() != 2 * hash.size() || hex.find_first_not_of(kHexDigits) != std::string_view::npos) return std::nullopt;
  for (std::size_t i = 0; i < hash.size(); ++i) {
    hash[i] = static_cast<std::uint8_t>(kHexDigits.find(hex[2 * i]) << 4 | kHexDigits.find(hex[2 * i + 1]));
  }
  return hash;
}

}  // namespace futured::security
