#include "server/rpc/identity_gate.h"

#include <grpc/grpc_security_constants.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "server/rpc/forwarded.h"
#include "server/rpc/method_verbs.h"
#include "server/security/token.h"

namespace futured::rpc {
namespace {

using security::Credential;
using security::Identity;
using security::Standing;

constexpr std::string_view kTokenKey = "authorization";
constexpr std::string_view kScheme = "bearer ";
// Before the address of one for whom the daemon's HTTP listener calls.
constexpr std::string_view kForwardedPeer = "http:";

std::string_view view(const grpc::string_ref& text) { return {text.data(), text.size()}; }

bool starts_with_scheme(std::string_view value) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return value.size() >= kScheme.size() &&
         std::equal(kScheme.begin(), kScheme.end(), value.begin(), [&](char a, char b) { return a == lower(b); });
}

std::vector<std::string> texts(const std::vector<grpc::string_ref>& values) {
  std::vector<std::string> all;
  for (const grpc::string_ref& value : values) all.emplace_back(value.data(), value.size());
  return all;
}

core::Result<Credential> credential_in(std::string_view authorization) {
  if (!starts_with_scheme(authorization) || !security::is_token(authorization.substr(kScheme.size()))) {
    return core::failure(core::Reason::kCredentialsInvalid,
                         "the authorization is not \"Bearer TOKEN\" with a token of this daemon");
  }
  return Credential{.kind = Credential::Kind::kToken,
                    .token = security::hash_token(authorization.substr(kScheme.size()))};
}

// Verified by the handshake; nothing without one.
security::CertificateNames names_of(const grpc::CallbackServerContext& context) {
  const auto properties = context.auth_context();
  if (properties == nullptr || !properties->IsPeerAuthenticated()) return {};
  return {texts(properties->FindPropertyValues(GRPC_PEER_URI_PROPERTY_NAME)),
          texts(properties->FindPropertyValues(GRPC_PEER_DNS_PROPERTY_NAME))};
}

// "ipv4:10.0.0.7:51234" without the port, which differs between connections of the same machine.
std::string_view machine_of(std::string_view peer) {
  const bool has_port = peer.starts_with("ipv") || peer.starts_with(kForwardedPeer);
  return has_port ? peer.substr(0, peer.rfind(':')) : peer;
}

// "\"web\" may not submit".
std::string may_not(const Identity& identity, std::string_view what) {
  std::string text = "\"";
  return text.append(identity.name).append("\" may not ").append(what);
}

}  // namespace

IdentityGate::IdentityGate(Parts parts, std::shared_ptr<const security::Authority> authority)
    : parts_(std::move(parts)) {
  set_authority(std::move(authority));
}

void IdentityGate::set_authority(std::shared_ptr<const security::Authority> authority) {
  auto made = std::make_shared<Realm>();
  for (const Identity& identity : authority->identities()) {
    made->accounts[identity.name] = parts_.add_account({identity.name, identity.name_space, identity.limits});
  }
  made->authority = std::move(authority);
  const core::MutexLock lock(mu_);
  realm_ = std::move(made);
}

std::shared_ptr<const IdentityGate::Realm> IdentityGate::realm() const {
  const core::MutexLock lock(mu_);
  return realm_;
}

security::Instant IdentityGate::now() const {
  return std::chrono::floor<std::chrono::seconds>(parts_.clock.wall_time());
}

std::optional<security::Instant> IdentityGate::next_expiry() const { return realm()->authority->next_expiry(now()); }

bool IdentityGate::may_connect(uid_t user) const {
  return user == 0 || user == ::geteuid() || realm()->authority->identity_of(user) != nullptr;
}

core::Result<Caller> IdentityGate::admit(grpc::CallbackServerContext& context, std::string_view method) {
  const auto realm = this->realm();
  const Peer peer = peer_of(context);
  auto credential = credential_of(context, peer, *realm->authority);
  if (!credential) return tl::unexpected(refused(credential.error(), peer, method));
  const auto identity = identity_of(*credential, *realm->authority);
  if (!identity) return tl::unexpected(refused(identity.error(), peer, method));
  auto visit = std::make_shared<Visit>();
  visit->credential = *std::move(credential);
  visit->identity = (*identity)->name;
  visit->name_space = (*identity)->name_space;
  visit->peer = peer.name;
  if (auto allowed = check_verb(**identity, method); !allowed) {
    record_denial(allowed.error(), *visit, method, {});
    return tl::unexpected(allowed.error());
  }
  return Caller{realm->accounts.at((*identity)->name), std::move(visit)};
}

std::optional<core::AccountIndex> IdentityGate::account_of(std::optional<std::string_view> authorization) {
  const auto realm = this->realm();
  const auto credential = credential_in(authorization.value_or(""));
  if (!credential) return std::nullopt;
  const auto identity = identity_of(*credential, *realm->authority);
  return identity ? std::optional(realm->accounts.at((*identity)->name)) : std::nullopt;
}

IdentityGate::Peer IdentityGate::peer_of(const grpc::CallbackServerContext& context) const {
  const std::string name = context.peer();
  // Only the daemon has connections to itself by a pair of sockets, and only it knows the nonce.
  const auto forwarded = context.client_metadata().find(grpc::string_ref(kForwardedKey.data(), kForwardedKey.size()));
  if (forwarded != context.client_metadata().end() && !parts_.nonce.empty() && name.starts_with("unix:")) {
    const std::string_view value = view(forwarded->second);
    const std::size_t space = std::min(value.find(' '), value.size());
    if (security::same_hash(security::hash_token(value.substr(0, space)), security::hash_token(parts_.nonce))) {
      std::string speaks_for(kForwardedPeer);
      return {speaks_for.append(value.substr(std::min(space + 1, value.size()))), true};
    }
  }
  const auto user = parts_.unix_peers == nullptr ? std::nullopt : parts_.unix_peers->user_of(name);
  if (!user) return {name, false};
  std::string by_user = "unix:uid=";
  return {by_user.append(std::to_string(*user)), false};
}

core::Result<Credential> IdentityGate::credential_of(const grpc::CallbackServerContext& context, const Peer& peer,
                                                     const security::Authority& authority) const {
  const auto& metadata = context.client_metadata();
  const auto [begin, end] = metadata.equal_range(grpc::string_ref(kTokenKey.data(), kTokenKey.size()));
  if (begin != end) {
    if (std::next(begin) != end) {
      return core::failure(core::Reason::kCredentialsInvalid, "there is more than one authorization");
    }
    return credential_in(view(begin->second));
  }
  if (!peer.is_forwarded) {
    const auto names = names_of(context);
    if (auto known = authority.known_name(names)) return *std::move(known);
    if (!names.uris.empty() || !names.hosts.empty()) {
      return core::failure(core::Reason::kCredentialsInvalid, "no identity has a name of your certificate");
    }
    const auto user =
        parts_.unix_peers == nullptr ? std::nullopt : parts_.unix_peers->user_of(std::string(context.peer()));
    if (user && authority.identity_of(*user) != nullptr) {
      return Credential{.kind = Credential::Kind::kUid, .uid = *user};
    }
  }
  return core::failure(core::Reason::kCredentialsMissing,
                       "there are no credentials: send the metadata \"authorization: Bearer TOKEN\"");
}

core::Result<const Identity*> IdentityGate::identity_of(const Credential& credential,
                                                        const security::Authority& authority) const {
  const auto finding = authority.find(credential, now());
  if (finding.standing == Standing::kGood) return finding.identity;
  if (finding.standing == Standing::kExpired) {
    return core::failure(core::Reason::kCredentialsExpired, "the token has expired");
  }
  const bool is_token = credential.kind == Credential::Kind::kToken;
  return core::failure(core::Reason::kCredentialsInvalid,
                       is_token ? "the token is not known" : "the caller is no identity's any more");
}

core::Result<void> IdentityGate::check_verb(const Identity& identity, std::string_view method) const {
  const MethodVerb* row = find_method(method);
  if (row != nullptr && (identity.verbs.has(row->verb) || identity.verbs.has(row->or_verb))) return {};
  std::string what = "call ";
  what.append(method);
  if (row != nullptr) what.append(", which needs the verb ").append(security::name_of(row->verb));
  return core::failure(core::Reason::kPermissionDenied, may_not(identity, what));
}

core::Result<void> IdentityGate::check_task(const Caller& caller, std::string_view executor,
                                            std::string_view function) {
  const auto realm = this->realm();
  const auto identity = identity_of(caller.visit->credential, *realm->authority);
  if (!identity) return tl::unexpected(identity.error());
  auto allowed = check_verb(**identity, methods::kSubmit);
  if (allowed && !(*identity)->may_use_executor(executor)) {
    std::string what = "submit to the executor \"";
    what.append(executor).append("\"");
    allowed = core::failure(core::Reason::kPermissionDenied, may_not(**identity, what));
  } else if (allowed && !(*identity)->may_use_function(function)) {
    std::string what = "submit the function \"";
    what.append(function).append("\"");
    allowed = core::failure(core::Reason::kPermissionDenied, may_not(**identity, what));
  }
  if (!allowed) {
    record_denial(allowed.error(), *caller.visit, methods::kSubmit,
                  {.executor = std::string(executor), .function = std::string(function)});
  }
  return allowed;
}

core::Result<void> IdentityGate::check_method(const Caller& caller, std::string_view method) {
  const auto realm = this->realm();
  const auto identity = identity_of(caller.visit->credential, *realm->authority);
  if (!identity) return tl::unexpected(identity.error());
  auto allowed = check_verb(**identity, method);
  if (!allowed) record_denial(allowed.error(), *caller.visit, method, {});
  return allowed;
}

core::Result<void> IdentityGate::check_standing(const Caller& caller) {
  if (caller.visit == nullptr) return {};
  const auto realm = this->realm();
  const auto identity = identity_of(caller.visit->credential, *realm->authority);
  if (!identity) return tl::unexpected(identity.error());
  return {};
}

core::Status IdentityGate::refused(const core::Status& status, const Peer& peer, std::string_view method) {
  const auto verdict = failed_attempts_.count(machine_of(peer.name), parts_.clock.now());
  if (!verdict.too_many && parts_.on_failure) parts_.on_failure(peer.name, status.message, verdict.suppressed);
  Visit visit;
  visit.peer = peer.name;
  record_denial(status, visit, method, {});
  return status;
}

void IdentityGate::record(const Caller& caller, std::string_view method, const Subject& subject) {
  if (parts_.audit == nullptr) return;
  const MethodVerb* row = find_method(method);
  parts_.audit->record({.time = parts_.clock.wall_time(),
                        .allowed = true,
                        .identity = caller.visit->identity,
                        .name_space = caller.visit->name_space,
                        .peer = caller.visit->peer,
                        .verb = std::string(row == nullptr ? "" : security::name_of(row->verb)),
                        .rpc = std::string(method),
                        .ids = subject.ids,
                        .first_id = subject.first_id,
                        .executor = subject.executor,
                        .function = subject.function});
}

void IdentityGate::record_denial(const core::Status& status, const Visit& visit, std::string_view method,
                                 const Subject& subject) {
  if (parts_.audit == nullptr) return;
  const MethodVerb* row = find_method(method);
  parts_.audit->record({.time = parts_.clock.wall_time(),
                        .allowed = false,
                        .reason = std::string(core::to_string(status.reason)),
                        .identity = visit.identity,
                        .name_space = visit.name_space,
                        .peer = visit.peer,
                        .verb = std::string(row == nullptr ? "" : security::name_of(row->verb)),
                        .rpc = std::string(method),
                        .executor = subject.executor,
                        .function = subject.function});
}

}  // namespace futured::rpc
