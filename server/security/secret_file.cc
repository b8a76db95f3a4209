#include "server/security/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace futured::security {
namespace {

using Text = tl::expected<std::string, std::string>;

class OpenFile {
 public:
  explicit OpenFile(const std::string& path)
      // Not to wait for the writer of a pipe.
      : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {}
  ~OpenFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

tl::unexpected<std::string> complaint(const std::string& path, const std::string& what) {
  return tl::unexpected(path + ": " + what);
}

tl::unexpected<std::string> system_complaint(const std::string& path) {
  return complaint(path, std::generic_category().message(errno));
}

std::string mode_of(const struct stat& status) {
  char text[16];
  std::snprintf(text, sizeof(text), "%04o", static_cast<unsigned>(status.st_mode & 07777));
  return text;
}

// Which bits of the mode a file may not have.
using Forbidden = mode_t (*)(const struct stat& status);

mode_t nothing(const struct stat& /*status*/) { return 0; }

mode_t writing_by_others(const struct stat& /*status*/) { return S_IWGRP | S_IWOTH; }

// Root chose the group of its files, and a daemon that is not root has no other way to read them.
mode_t use_by_others(const struct stat& status) {
  const bool lent_by_root = status.st_uid == 0 && ::geteuid() != 0;
  return lent_by_root ? S_IWGRP | S_IXGRP | S_IRWXO : S_IRWXG | S_IRWXO;
}

// The checks are of what was opened, not of what the name stands for a moment later.
Text read_checked(const std::string& path, Forbidden forbidden, bool check_owner, const char* demand) {
  const OpenFile file(path);
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) return system_complaint(path);
  if (!S_ISREG(status.st_mode)) return complaint(path, "is no regular file");
  if ((status.st_mode & forbidden(status)) != 0) {
    const std::string mode = mode_of(status);
    return complaint(path, "has the mode " + mode + "; " + demand);
  }
  if (check_owner && status.st_uid != ::geteuid() && status.st_uid != 0) {
    const std::string owner = std::to_string(status.st_uid);
    return complaint(path, "belongs to the user " + owner + "; it must be the daemon's or root's");
  }
  if (static_cast<std::size_t>(status.st_size) > kMaxSecurityFile) {
    const std::string size = std::to_string(status.st_size);
    return complaint(path, "has " + size + " bytes; the most is " + std::to_string(kMaxSecurityFile));
  }
  std::string text;
  char piece[16384];
  for (;;) {
    const ssize_t got = ::read(file.get(), piece, sizeof(piece));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_complaint(path);
    if (got == 0) return text;
    text.append(piece, static_cast<std::size_t>(got));
    if (text.size() > kMaxSecurityFile) return complaint(path, "grows while it is read");
  }
}

}  // namespace

Text read_file(const std::string& path) { return read_checked(path, &nothing, false, ""); }

Text read_trusted_file(const std::string& path) {
  return read_checked(path, &writing_by_others, true, "only its owner may write to it: chmod go-w");
}

Text read_secret_file(const std::string& path) {
  return read_checked(path, &use_by_others, true, "only its owner may read it: chmod 600");
}

}  // namespace futured::security
