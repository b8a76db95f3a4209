#include "server/security/authority.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <utility>

#include "server/suggestion.h"

namespace futured::security {
namespace {

std::uint64_t prefix_of(const TokenHash& hash) {
  std::uint64_t prefix = 0;
  std::memcpy(&prefix, hash.data(), sizeof(prefix));
  return prefix;
}

bool is_uri(std::string_view name) { return name.find("://") != std::string_view::npos; }

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

}  // namespace

Authority::Authority(std::vector<Identity> identities, const std::vector<TokenEntry>& tokens)
    : identities_(std::move(identities)) {
  std::map<std::string_view, const Identity*> by_name;
  for (const Identity& identity : identities_) {
    by_name.emplace(identity.name, &identity);
    for (const std::string& name : identity.certificates) {
      by_certificate_.emplace(is_uri(name) ? name : lower(name), &identity);
    }
    for (const std::uint32_t uid : identity.uids) by_uid_.emplace(uid, &identity);
  }
  for (const TokenEntry& entry : tokens) {
    tokens_.emplace(prefix_of(entry.hash), Token{entry.hash, by_name.at(entry.identity), entry.expires});
  }
}

const Authority::Token* Authority::find_token(const TokenHash& hash) const {
  const auto [begin, end] = tokens_.equal_range(prefix_of(hash));
  for (auto token = begin; token != end; ++token) {
    if (same_hash(token->second.hash, hash)) return &token->second;
  }
  return nullptr;
}

const Identity* Authority::identity_of(std::uint32_t uid) const {
  const auto found = by_uid_.find(uid);
  return found == by_uid_.end() ? nullptr : found->second;
}

std::optional<Instant> Authority::next_expiry(Instant now) const {
  std::optional<Instant> next;
  for (const auto& [prefix, token] : tokens_) {
    if (token.expires && *token.expires > now && (!next || *token.expires < *next)) next = token.expires;
  }
  return next;
}

Finding Authority::find(const Credential& credential, Instant now) const {
  if (credential.kind == Credential::Kind::kToken) {
    const Token* token = find_token(credential.token);
    if (token == nullptr) return {};
    if (token->expires && now >= *token->expires) return {Standing::kExpired};
    return {Standing::kGood, token->identity, token->expires};
  }
  const Identity* identity = nullptr;
  if (credential.kind == Credential::Kind::kCertificate) {
    const auto found = by_certificate_.find(credential.certificate);
    if (found != by_certificate_.end()) identity = found->second;
  } else if (credential.kind == Credential::Kind::kUid) {
    identity = identity_of(credential.uid);
  }
  return identity == nullptr ? Finding{} : Finding{Standing::kGood, identity};
}

std::optional<Credential> Authority::known_name(const CertificateNames& names) const {
  const auto known = [&](std::string name) -> std::optional<Credential> {
    if (by_certificate_.find(name) == by_certificate_.end()) return std::nullopt;
    return Credential{.kind = Credential::Kind::kCertificate, .certificate = std::move(name)};
  };
  for (const std::string& uri : names.uris) {
    if (!is_uri(uri)) continue;
    if (auto credential = known(uri)) return credential;
  }
  for (const std::string& host : names.hosts) {
    if (is_uri(host)) continue;
    if (auto credential = known(lower(host))) return credential;
  }
  return std::nullopt;
}

tl::expected<std::shared_ptr<const Authority>, std::string> load_authority(const std::string& identities_path,
                                                                           const std::string& tokens_path) {
  auto identities = read_identities(identities_path);
  if (!identities) return tl::unexpected(identities.error());
  std::vector<TokenEntry> tokens;
  if (!tokens_path.empty()) {
    auto read = read_token_file(tokens_path);
    if (!read) return tl::unexpected(read.error());
    tokens = *std::move(read);
  }
  std::vector<std::string> names;
  for (const Identity& identity : *identities) names.push_back(identity.name);
  for (const TokenEntry& token : tokens) {
    if (std::find(names.begin(), names.end(), token.identity) != names.end()) continue;
    std::string complaint = tokens_path;
    complaint.append(": the token ").append(token.id).append(" is of \"").append(token.identity);
    complaint.append("\", which is no identity of ").append(identities_path);
    complaint.append(server::did_you_mean(token.identity, names));
    return tl::unexpected(std::move(complaint));
  }
  return std::make_shared<const Authority>(*std::move(identities), tokens);
}

}  // namespace futured::security
