// UnixPeers: the users at the other ends of connections by Unix sockets.
//
// gRPC tells a handler of such a connection nothing but the number of its descriptor, "fd:57". So the number is what
// leads to the user, and a number must not come to stand for another user while a call of the connection before may
// still be on its way to its handler. Therefore each connection is given a number that no other has had for kRest.
// Numbers come from the upper half of those that the process may have, where nothing else takes any.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string_view>

#include "server/core/clock.h"
#include "server/core/mutex.h"
#include "server/core/status.h"
#include "server/rpc/descriptor.h"

namespace futured::rpc {

// May be used from any thread.
class UnixPeers {
 public:
  static constexpr std::chrono::seconds kRest{10};
  // So many more descriptors the process should be allowed to have.
  static constexpr std::size_t kNumbers = 8192;

  // Whether a user may connect. From any thread; must not block.
  using MayConnect = std::function<bool(uid_t)>;

  // `clock` is not owned. Takes the limit on descriptors as it is when the first one comes.
  UnixPeers(const core::Clock& clock, MayConnect may_connect) : clock_(clock), may_connect_(std::move(may_connect)) {}

  // Takes in an accepted connection, which is given another number. kPermissionDenied: of a user who may not connect;
  // kTooManyItems: there is no number.
  core::Result<Descriptor> take(Descriptor connection) FUTURED_EXCLUDES(mu_);
  // The connection with that number has ended at its other end, or at ours.
  void closed(int number) FUTURED_EXCLUDES(mu_);
  // The user of a connection, as gRPC names its peer. Nothing: it is of another kind.
  std::optional<uid_t> user_of(std::string_view peer) const FUTURED_EXCLUDES(mu_);

 private:
  struct Peer {
    uid_t user = 0;
    std::optional<core::Time> closed_at = {};
  };

  bool is_free_locked(int number) const FUTURED_REQUIRES(mu_);
  // A duplicate with a number that may be used, or an invalid one.
  Descriptor renumber_locked(int connection) FUTURED_REQUIRES(mu_);

  const core::Clock& clock_;
  const MayConnect may_connect_;
  mutable core::Mutex mu_;
  // By number.
  std::map<int, Peer> peers_ FUTURED_GUARDED_BY(mu_);
  int first_ FUTURED_GUARDED_BY(mu_) = 0;
  int end_ FUTURED_GUARDED_BY(mu_) = 0;
  int next_ FUTURED_GUARDED_BY(mu_) = 0;
};

}  // namespace futured::rpc
