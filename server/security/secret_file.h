// Reading files that hold secrets, or decide who may do what.
#pragma once

#include <string>
#include <tl/expected.hpp>

namespace futured::security {

inline constexpr std::size_t kMaxSecurityFile = std::size_t{16} << 20;

// The text of a regular file, of at most kMaxSecurityFile bytes. The failure names the file. Blocks on the disk.
tl::expected<std::string, std::string> read_file(const std::string& path);
// The same of one that must belong to us or to root, and that nobody else may write to.
tl::expected<std::string, std::string> read_trusted_file(const std::string& path);
// The same of one that nobody else may read either: mode 0600 or less. One of root's may be lent to the group of a
// daemon that is not root, as secrets are that are mounted into containers: mode 0640 or less.
tl::expected<std::string, std::string> read_secret_file(const std::string& path);

}  // namespace futured::security
