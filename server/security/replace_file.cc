#include "server/security/replace_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

namespace futured::security {
namespace {

using Outcome = tl::expected<void, std::string>;

constexpr mode_t kOwnersAlone = 0600;
// How long others may change the file before we give up, and how often it is tried: flock() has no time limit.
constexpr auto kPatience = std::chrono::seconds(10);
constexpr auto kPause = std::chrono::milliseconds(10);

tl::unexpected<std::string> system_complaint(const std::string& path) {
  return tl::unexpected(path + ": " + std::generic_category().message(errno));
}

// A descriptor that is closed at the end.
class File {
 public:
  File(const std::string& path, int flags) : number_(::open(path.c_str(), flags | O_CLOEXEC, kOwnersAlone)) {}
  ~File() {
    if (number_ >= 0) ::close(number_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return number_; }
  bool valid() const { return number_ >= 0; }

 private:
  int number_;
};

Outcome take(const File& lock, const std::string& path) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return system_complaint(path);
    if (std::chrono::steady_clock::now() > end)
      return tl::unexpected(path + ": somebody else has held the lock for 10 s");
    std::this_thread::sleep_for(kPause);
  }
  return {};
}

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// The new file with its text, safe on the disk.
Outcome write_new(const std::string& path, const std::string& text, const struct stat* previous) {
  ::unlink(path.c_str());
  const File file(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
  if (!file.valid()) return system_complaint(path);
  if (previous != nullptr && previous->st_uid != ::geteuid() &&
      ::fchown(file.get(), previous->st_uid, previous->st_gid) != 0) {
    return system_complaint(path);
  }
  if (!write_all(file.get(), text) || ::fsync(file.get()) != 0) return system_complaint(path);
  return {};
}

}  // namespace

Outcome replace_file(const std::string& path, const NewText& make) {
  const std::string lock_path = path + ".lock";
  const File lock(lock_path, O_RDWR | O_CREAT | O_NOFOLLOW);
  if (!lock.valid()) return system_complaint(lock_path);
  if (Outcome taken = take(lock, lock_path); !taken) return taken;
  struct stat previous {};
  const bool exists = ::stat(path.c_str(), &previous) == 0;
  if (!exists && errno != ENOENT) return system_complaint(path);
  const auto text = make(exists);
  if (!text) return tl::unexpected(text.error());

  // A link stays a link: what it leads to is replaced.
  const std::string real = exists ? std::filesystem::canonical(path).string() : path;
  const std::string unfinished = real + ".new";
  Outcome done = write_new(unfinished, *text, exists ? &previous : nullptr);
  if (done && ::rename(unfinished.c_str(), real.c_str()) != 0) done = system_complaint(real);
  if (!done) {
    ::unlink(unfinished.c_str());
    return done;
  }
  const std::string folder = std::filesystem::absolute(real).parent_path();
  const File directory(folder, O_RDONLY | O_DIRECTORY);
  if (!directory.valid() || ::fsync(directory.get()) != 0) return system_complaint(folder);
  return {};
}

}  // namespace futured::security
