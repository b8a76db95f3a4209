// What a process gives up of its own: the layers that need neither privileges nor a particular kernel.
#pragma once

#include <sys/types.h>

#include "server/exec/process/sandbox.h"

namespace futured::sandbox {

// All throw std::system_error that names the layer.

// Killed when its parent ends; ends at once when that is not `parent` (0: whoever it is) any more.
void end_with_parent(pid_t parent);
// What its descendants leave behind comes to it, not to the parent.
void keep_orphans();
// No new privileges, umask 077, no core files, and the first to go when memory is short.
void give_up_privileges();
void apply(const exec::ResourceLimits& limits);

}  // namespace futured::sandbox
