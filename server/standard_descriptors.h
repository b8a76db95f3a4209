// Standard input, output and error, which whoever starts the process may have closed.
#pragma once

namespace futured::server {

// Opens /dev/null in place of each that is closed. Else the next file or connection that is opened would be called
// standard error, and log lines would go into it. Before anything else is opened. False: it could not, which leaves the
// process unfit to write to them.
bool hold_standard_descriptors();

}  // namespace futured::server
