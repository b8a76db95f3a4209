// Caller: on whose behalf a call is made.
#pragma once

#include <memory>
#include <string>

#include "server/core/account.h"
#include "server/security/authority.h"

namespace futured::rpc {

// How somebody came in.
struct Visit {
  security::Credential credential = {};
  // Names of the time when it began, for the record.
  std::string identity = {};
  std::string name_space = {};
  // The other end, for the record only.
  std::string peer = {};
};

struct Caller {
  core::AccountIndex account = core::kDaemonAccount;
  // Null where no identities are configured.
  std::shared_ptr<const Visit> visit = nullptr;
};

}  // namespace futured::rpc
