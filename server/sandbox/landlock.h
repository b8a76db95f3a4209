// Landlock: which files a process may write.
#pragma once

#include <string>

namespace futured::sandbox {

// Everything may be read and executed, and nothing written but below /tmp and `writable`, a directory or empty, and
// to /dev/null. Descriptors that are open stay as they are. It does not cover attributes of files, nor before Linux 6.2
// their length: for these, mounts are read-only. Throws std::system_error that names the layer. REQUIRES: no new
// privileges.
void restrict_files(const std::string& writable);

}  // namespace futured::sandbox
