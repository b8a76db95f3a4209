#include "server/rpc/copy_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace futured::rpc {
namespace {

tl::unexpected<core::Status> cannot_read(const std::string& why) {
  return core::failure(core::Reason::kCopyFailed, "cannot read the copy that was made: " + why);
}

}  // namespace

core::Result<CopyFile> CopyFile::take(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (descriptor < 0) {
    auto failed = cannot_read(std::strerror(errno));
    ::unlink(path.c_str());
    return failed;
  }
  ::unlink(path.c_str());
  return CopyFile(descriptor, static_cast<std::uint64_t>(std::max<off_t>(::lseek(descriptor, 0, SEEK_END), 0)));
}

CopyFile::CopyFile(CopyFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_), offset_(other.offset_) {}

CopyFile::~CopyFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

core::Result<std::string> CopyFile::read(std::size_t most) {
  std::string bytes(static_cast<std::size_t>(std::min<std::uint64_t>(most, left())), '\0');
  for (std::size_t filled = 0; filled < bytes.size();) {
    const auto length = ::pread(descriptor_, bytes.data() + filled, bytes.size() - filled, static_cast<off_t>(offset_));
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return cannot_read(std::strerror(errno));
    if (length == 0) return cannot_read("it ends too early");
    filled += static_cast<std::size_t>(length);
    offset_ += static_cast<std::uint64_t>(length);
  }
  return bytes;
}

}  // namespace futured::rpc
