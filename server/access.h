// Access: who gets in and who may do what, from the files that say so, which may change while the daemon serves.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "server/core/clock.h"
#include "server/core/future_table.h"
#include "server/core/mutex.h"
#include "server/core/timekeeper.h"
#include "server/log.h"
#include "server/options.h"
#include "server/rpc/identity_gate.h"
#include "server/rpc/live_calls.h"
#include "server/rpc/tls_credentials.h"
#include "server/rpc/unix_peers.h"
#include "server/rpc/unix_socket.h"

namespace futured::server {

class Access {
 public:
  // Not owned; they outlive it.
  struct Parts {
    const Options& options;
    Logger& logger;
    const core::Clock& clock;
    core::Timekeeper& timekeeper;
    core::FutureTable& table;
    // What calls of the daemon to itself carry; see rpc/forwarded.h. Empty: there are none.
    std::string nonce = {};
  };
  // Ends calls and streams whose callers fail the check.
  using EndCalls = std::function<void(const rpc::LiveCalls::Check& check)>;

  // Reads the files. The failure names the one to blame. Blocks on the disk.
  static tl::expected<std::unique_ptr<Access>, std::string> open(const Parts& parts);
  Access(const Access&) = delete;
  Access& operator=(const Access&) = delete;

  rpc::Gate& gate() { return *gate_; }
  rpc::UnixPeers& unix_peers() { return unix_peers_; }
  // Whether other users than root and the daemon's own may connect to Unix sockets.
  rpc::UnixSocket::Access unix_access() const { return unix_access_; }
  // Null: TLS is not configured. For one way to accept only.
  std::shared_ptr<grpc::ServerCredentials> tls_credentials() const;

  // From now on, until the timekeeper stops, calls are ended whose token expires or is taken back. Once, when there may
  // be calls.
  void watch_calls(EndCalls end_calls) FUTURED_EXCLUDES(mu_);
  // Reads the files again, and opens the audit log again. What cannot be read or does not fit is logged, with the name
  // of the file, and what was read before stays. Connections stay; calls end whose callers would not be let in again.
  // Not on a thread of gRPC: blocks on the disk.
  void reload() FUTURED_EXCLUDES(mu_);

 private:
  explicit Access(const Parts& parts);

  tl::expected<void, std::string> read();
  tl::expected<void, std::string> read_tls();
  tl::expected<void, std::string> read_identities();
  void reload_one(tl::expected<void, std::string> (Access::*reader)(), std::string_view what);
  bool may_connect(uid_t user) const;
  void end_calls() FUTURED_EXCLUDES(mu_);
  // Looks again at the calls when the next token expires.
  void look_again() FUTURED_EXCLUDES(mu_);

  const Parts parts_;
  std::unique_ptr<security::AuditLog> audit_;
  rpc::OpenGate open_gate_;
  // Null: there are no identities.
  std::unique_ptr<rpc::IdentityGate> identity_gate_;
  rpc::Gate* gate_ = &open_gate_;
  rpc::UnixPeers unix_peers_;
  rpc::UnixSocket::Access unix_access_ = rpc::UnixSocket::Access::kOwner;
  std::shared_ptr<rpc::TlsIdentitySource> tls_;

  core::Mutex mu_;
  EndCalls end_calls_ FUTURED_GUARDED_BY(mu_);
  std::optional<core::Timekeeper::Id> next_look_ FUTURED_GUARDED_BY(mu_);
};

}  // namespace futured::server
