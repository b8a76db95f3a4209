// What Ctrl-C cancels.
#pragma once

#include "client/cli/globals.h"
#include "futured/v1/future_service.pb.h"

namespace futured::cli {

// Makes a call on a connection of its own, which takes two seconds at most. Whether it succeeds is not told.
void cancel_on_interrupt(const Globals& globals, const v1::CancelRequest& request);

}  // namespace futured::cli
