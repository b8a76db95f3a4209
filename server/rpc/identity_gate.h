// IdentityGate: the gate where identities are configured. What is not allowed is denied.
//
// A caller is known by the first of these that it has: a bearer token in its metadata, a verified certificate, and the
// user of its Unix socket. One who sends a token is that token's and nobody else's: a bad one is refused, whatever else
// he might have shown. Calls that the daemon's own HTTP listener passes on count by their token alone.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/core/clock.h"
#include "server/core/mutex.h"
#include "server/rpc/gate.h"
#include "server/rpc/unix_peers.h"
#include "server/security/audit_log.h"
#include "server/security/authority.h"
#include "server/security/failed_attempts.h"

namespace futured::rpc {

class IdentityGate final : public Gate {
 public:
  // Nothing is owned.
  struct Parts {
    const core::Clock& clock;
    // Makes an account, or finds the one with that name and changes its limits.
    std::function<core::AccountIndex(const core::AccountSettings&)> add_account;
    const UnixPeers* unix_peers = nullptr;
    // Null: nothing is recorded.
    security::AuditLog* audit = nullptr;
    // Told of callers that were not let in, a few a second for each peer. From any thread; must not block.
    std::function<void(std::string_view peer, std::string_view why, std::uint64_t suppressed)> on_failure = {};
    // What calls of the daemon to itself carry, see forwarded.h. Empty: there are none.
    std::string nonce = {};
  };

  IdentityGate(Parts parts, std::shared_ptr<const security::Authority> authority);

  // Counts from now on, also for streams that are open; those whose callers would not be let in again are for the
  // caller to end. From any thread.
  void set_authority(std::shared_ptr<const security::Authority> authority) FUTURED_EXCLUDES(mu_);
  // When the next token expires that has not. Nothing: none does.
  std::optional<security::Instant> next_expiry() const FUTURED_EXCLUDES(mu_);
  // Whether a user may connect to the Unix socket: one that an identity names, root, and the daemon's own.
  bool may_connect(uid_t user) const FUTURED_EXCLUDES(mu_);

  core::Result<Caller> admit(grpc::CallbackServerContext& context, std::string_view method) override;
  std::optional<core::AccountIndex> account_of(std::optional<std::string_view> authorization) override;
  core::Result<void> check_task(const Caller& caller, std::string_view executor, std::string_view function) override;
  core::Result<void> check_method(const Caller& caller, std::string_view method) override;
  core::Result<void> check_standing(const Caller& caller) override;
  void record(const Caller& caller, std::string_view method, const Subject& subject) override;
  bool records() const override { return parts_.audit != nullptr; }

 private:
  // The authority, with the accounts of its identities.
  struct Realm {
    std::shared_ptr<const security::Authority> authority;
    std::map<std::string, core::AccountIndex, std::less<>> accounts;
  };
  // Who is at the other end.
  struct Peer {
    std::string name;
    bool is_forwarded = false;
  };

  std::shared_ptr<const Realm> realm() const FUTURED_EXCLUDES(mu_);
  security::Instant now() const;
  Peer peer_of(const grpc::CallbackServerContext& context) const;
  core::Result<security::Credential> credential_of(const grpc::CallbackServerContext& context, const Peer& peer,
                                                   const security::Authority& authority) const;
  core::Result<const security::Identity*> identity_of(const security::Credential& credential,
                                                      const security::Authority& authority) const;
  core::Result<void> check_verb(const security::Identity& identity, std::string_view method) const;
  // Counts and records a caller who was not let in, and has him logged unless there were too many; returns the status.
  core::Status refused(const core::Status& status, const Peer& peer, std::string_view method);
  void record_denial(const core::Status& status, const Visit& visit, std::string_view method, const Subject& subject);

  const Parts parts_;
  security::FailedAttempts failed_attempts_;
  mutable core::Mutex mu_;
  std::shared_ptr<const Realm> realm_ FUTURED_GUARDED_BY(mu_);
};

}  // namespace futured::rpc
