// Authority: whom the credentials of a caller belong to, by the files of identities and tokens as they were read last.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/security/identity.h"
#include "server/security/token_file.h"

namespace futured::security {

// What a caller has shown, by which it is looked up again while its stream is open.
struct Credential {
  enum class Kind { kNone, kToken, kCertificate, kUid };
  Kind kind = Kind::kNone;
  TokenHash token{};
  std::string certificate = {};
  std::uint32_t uid = 0;
};

enum class Standing { kGood, kUnknown, kExpired };

// What the authority says to a credential.
struct Finding {
  Standing standing = Standing::kUnknown;
  // Whose it is. Null unless it is good.
  const Identity* identity = nullptr;
  // Of a token: when it ends.
  std::optional<Instant> expires = {};
};

// Names in a peer's certificate that is verified.
struct CertificateNames {
  std::vector<std::string> uris;
  std::vector<std::string> hosts;
};

// Immutable, so it may be used from any thread.
class Authority {
 public:
  // Every token is of one of the identities; load_authority() sees to it.
  Authority(std::vector<Identity> identities, const std::vector<TokenEntry>& tokens);
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  Finding find(const Credential& credential, Instant now) const;
  // The credential of the first of the names that is known. Hosts are compared without regard to case, and URIs and
  // hosts never with each other.
  std::optional<Credential> known_name(const CertificateNames& names) const;
  const Identity* identity_of(std::uint32_t uid) const;
  // Of the tokens that are good at `now`: when the first expires. Nothing: none does.
  std::optional<Instant> next_expiry(Instant now) const;
  const std::vector<Identity>& identities() const { return identities_; }

 private:
  struct Token {
    TokenHash hash{};
    const Identity* identity = nullptr;
    std::optional<Instant> expires = {};
  };

  const Token* find_token(const TokenHash& hash) const;

  const std::vector<Identity> identities_;
  // By their first eight bytes. Who presents a token chooses none of them, so what their comparison tells is of no use.
  std::unordered_multimap<std::uint64_t, Token> tokens_;
  std::map<std::string, const Identity*, std::less<>> by_certificate_;
  std::unordered_map<std::uint32_t, const Identity*> by_uid_;
};

// Reads both files; `tokens` may be empty: there are none. The failure names the file. Blocks on the disk.
tl::expected<std::shared_ptr<const Authority>, std::string> load_authority(const std::string& identities,
                                                                           const std::string& tokens);

}  // namespace futured::security
