// Orphans: descendants whose parents are gone, and that came to this process as their subreaper.
#pragma once

#include <sys/types.h>

#include <set>

namespace futured::exec {

// Kills and reaps all children of this process but `known`, and what comes to it by that. Waits for them, a tenth of
// a second at the most; false: some are left.
bool end_orphans(const std::set<pid_t>& known);

}  // namespace futured::exec
