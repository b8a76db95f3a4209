#include "server/rpc/unix_socket.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace futured::rpc {
namespace {

constexpr mode_t kOwnersFolder = 0700;
constexpr mode_t kSearchedFolder = 0711;

using Outcome = core::Result<void>;

tl::unexpected<core::Status> refuse(const std::string& path, const std::string& what) {
  return core::failure(core::Reason::kSettingInvalid, "cannot listen on unix:" + path + ": " + what);
}

tl::unexpected<core::Status> refuse_as_system(const std::string& path) {
  return refuse(path, std::generic_category().message(errno));
}

// Sets the umask while it lives: what is made then never has other rights, not even for a moment.
class Umask {
 public:
  explicit Umask(mode_t mask) : before_(::umask(mask)) {}
  ~Umask() { ::umask(before_); }
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;

 private:
  const mode_t before_;
};

// Whoever may write to the folder could put a socket of his own in the place of ours.
Outcome prepare_folder(const std::string& path, UnixSocket::Access access) {
  const std::string folder = std::filesystem::path(path).parent_path();
  {
    const Umask none(0);
    const mode_t mode = access == UnixSocket::Access::kAnyone ? kSearchedFolder : kOwnersFolder;
    if (::mkdir(folder.c_str(), mode) != 0 && errno != EEXIST) return refuse_as_system(path);
  }
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0) return refuse_as_system(path);
  if (!S_ISDIR(status.st_mode)) return refuse(path, folder + " is no folder");
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return refuse(path, "others may write to " + folder + ": choose another folder, or chmod go-w");
  }
  if (status.st_uid != ::geteuid() && status.st_uid != 0) {
    return refuse(path, folder + " belongs to another user, " + std::to_string(status.st_uid));
  }
  return {};
}

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

// Whether a daemon is there, also one that is too busy to answer.
bool somebody_answers(const sockaddr_un& address) {
  const Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  return ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 ||
         errno != ECONNREFUSED;
}

// Takes away what a dead daemon of ours left.
Outcome remove_stale(const std::string& path, const sockaddr_un& address) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return errno == ENOENT ? Outcome{} : refuse_as_system(path);
  if (!S_ISSOCK(status.st_mode)) return refuse(path, "there is something else that is no socket");
  if (status.st_uid != ::geteuid()) {
    const std::string owner = std::to_string(status.st_uid);
    return refuse(path, "there is a socket of the user " + owner);
  }
  if (somebody_answers(address)) return refuse(path, "somebody serves there");
  if (::unlink(path.c_str()) != 0) return refuse_as_system(path);
  return {};
}

}  // namespace

core::Result<UnixSocket> UnixSocket::bind(const std::string& path, Access access) {
  if (Outcome prepared = prepare_folder(path, access); !prepared) return tl::unexpected(prepared.error());
  UnixSocket made;
  made.path_ = path;
  const std::string lock_path = path + ".lock";
  made.lock_ = Descriptor(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!made.lock_.valid()) return refuse_as_system(lock_path);
  if (::flock(made.lock_.get(), LOCK_EX | LOCK_NB) != 0) return refuse(path, "another daemon serves there");

  const sockaddr_un address = address_of(path);
  if (Outcome removed = remove_stale(path, address); !removed) return tl::unexpected(removed.error());
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return refuse_as_system(path);
  {
    const Umask mask(access == Access::kAnyone ? 0 : 077);
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
      return refuse_as_system(path);
    }
  }
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return refuse_as_system(path);
  made.socket_ = std::move(socket);
  made.device_ = status.st_dev;
  made.inode_ = status.st_ino;
  return made;
}

UnixSocket::~UnixSocket() {
  struct stat status {};
  if (!socket_.valid() || ::lstat(path_.c_str(), &status) != 0) return;
  if (status.st_dev == device_ && status.st_ino == inode_) ::unlink(path_.c_str());
}

}  // namespace futured::rpc
