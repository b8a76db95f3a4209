// Caller: on whose behalf a call is made.
#pragma once

#include "server/core/account.h"

namespace futured::rpc {

struct Caller {
  core::AccountIndex account = core::kDaemonAccount;
};

}  // namespace futured::rpc
