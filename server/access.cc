#include "server/access.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "server/security/tls_files.h"

namespace futured::server {
namespace {

using Outcome = tl::expected<void, std::string>;

// How often is looked for expired tokens at least, as the wall clock may be set.
constexpr auto kLongestWait = std::chrono::minutes(1);

rpc::ClientCertificates client_certificates(const Options& options) {
  if (options.tls_client_ca.empty()) return rpc::ClientCertificates::kNone;
  return options.tls_client_certificates == ClientCertificateRule::kAccept ? rpc::ClientCertificates::kAccept
                                                                           : rpc::ClientCertificates::kRequire;
}

}  // namespace

Access::Access(const Parts& parts)
    : parts_(parts), unix_peers_(parts.clock, [this](uid_t user) { return may_connect(user); }) {}

tl::expected<std::unique_ptr<Access>, std::string> Access::open(const Parts& parts) {
  std::unique_ptr<Access> access(new Access(parts));
  if (const Outcome done = access->read(); !done) return tl::unexpected(done.error());
  return access;
}

Outcome Access::read() {
  const Options& options = parts_.options;
  if (!options.audit_log.empty()) {
    const auto on_trouble = [&logger = parts_.logger](const std::string& what) {
      logger.error("audit log", {{"trouble", what}});
    };
    auto audit = security::AuditLog::open({.path = options.audit_log, .on_trouble = on_trouble});
    if (!audit) return tl::unexpected("audit_log: " + audit.error());
    audit_ = *std::move(audit);
  }
  if (!options.tls_certificate.empty()) {
    if (Outcome done = read_tls(); !done) return done;
  }
  return options.identities.empty() ? Outcome{} : read_identities();
}

Outcome Access::read_tls() {
  auto files =
      security::read_tls_files({parts_.options.tls_certificate, parts_.options.tls_key, parts_.options.tls_client_ca});
  if (!files) return tl::unexpected(files.error());
  rpc::TlsIdentity identity{std::move(files->certificate), std::move(files->key), std::move(files->client_ca)};
  if (tls_ == nullptr) {
    tls_ = std::make_shared<rpc::TlsIdentitySource>(std::move(identity));
  } else {
    tls_->set(std::move(identity));
  }
  return {};
}

Outcome Access::read_identities() {
  auto authority = security::load_authority(parts_.options.identities, parts_.options.tokens);
  if (!authority) return tl::unexpected(authority.error());
  if (identity_gate_ != nullptr) {
    identity_gate_->set_authority(*std::move(authority));
    return {};
  }
  for (const security::Identity& identity : (*authority)->identities()) {
    for (const std::uint32_t user : identity.uids) {
      if (user != 0 && user != ::geteuid()) unix_access_ = rpc::UnixSocket::Access::kAnyone;
    }
  }
  rpc::IdentityGate::Parts gate{
      .clock = parts_.clock,
      .add_account = [&table = parts_.table](const auto& settings) { return table.add_account(settings); },
      .unix_peers = &unix_peers_,
      .audit = audit_.get(),
      .on_failure =
          [&logger = parts_.logger](std::string_view peer, std::string_view why, std::uint64_t suppressed) {
            logger.warning("a caller was not let in", {{"peer", peer}, {"why", why}, {"more", suppressed}});
          },
      .nonce = parts_.nonce};
  identity_gate_ = std::make_unique<rpc::IdentityGate>(std::move(gate), *std::move(authority));
  gate_ = identity_gate_.get();
  return {};
}

bool Access::may_connect(uid_t user) const {
  if (identity_gate_ != nullptr) return identity_gate_->may_connect(user);
  return user == 0 || user == ::geteuid();
}

std::shared_ptr<grpc::ServerCredentials> Access::tls_credentials() const {
  return tls_ == nullptr ? nullptr : rpc::make_tls_credentials(tls_, client_certificates(parts_.options));
}

void Access::watch_calls(EndCalls end_calls) {
  if (identity_gate_ == nullptr) return;
  {
    const core::MutexLock lock(mu_);
    end_calls_ = std::move(end_calls);
  }
  look_again();
}

void Access::reload() {
  if (audit_ != nullptr) audit_->reopen();
  if (tls_ != nullptr) reload_one(&Access::read_tls, "certificates");
  if (identity_gate_ != nullptr) reload_one(&Access::read_identities, "identities");
  end_calls();
  look_again();
}

void Access::reload_one(Outcome (Access::*reader)(), std::string_view what) {
  if (const Outcome done = (this->*reader)(); done) {
    parts_.logger.info("reloaded", {{"what", what}});
  } else {
    parts_.logger.error("cannot reload, what was read before stays", {{"what", what}, {"trouble", done.error()}});
  }
}

void Access::end_calls() {
  EndCalls end_calls;
  {
    const core::MutexLock lock(mu_);
    end_calls = end_calls_;
  }
  if (end_calls) end_calls([this](const rpc::Caller& caller) { return identity_gate_->check_standing(caller); });
}

void Access::look_again() {
  if (identity_gate_ == nullptr) return;
  const auto expiry = identity_gate_->next_expiry();
  const core::MutexLock lock(mu_);
  if (next_look_) parts_.timekeeper.cancel(*next_look_);
  next_look_.reset();
  if (!expiry || !end_calls_) return;
  const auto left = std::chrono::duration_cast<core::Duration>(*expiry - parts_.clock.wall_time());
  const core::Duration wait = std::clamp<core::Duration>(left, core::Duration::zero(), kLongestWait);
  next_look_ = parts_.timekeeper.schedule(parts_.clock.now() + wait, [this] {
    end_calls();
    look_again();
  });
}

}  // namespace futured::server
