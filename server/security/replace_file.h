// Changing a small file as a whole.
#pragma once

#include <functional>
#include <string>
#include <tl/expected.hpp>

namespace futured::security {

// Makes the new text of the file, or says why not. `exists`: whether there is one.
using NewText = std::function<tl::expected<std::string, std::string>(bool exists)>;

// Writes what `make` returns to a new file of the mode 0600 beside `path`, syncs it, and gives it that name. Holds a
// lock on PATH.lock meanwhile, which stays. An owner other than ours is kept, where we may. The failure names the file.
// Blocks on the disk, and for at most 10 s on who holds the lock.
tl::expected<void, std::string> replace_file(const std::string& path, const NewText& make);

}  // namespace futured::security
