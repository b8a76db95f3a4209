// UnixSocket: a listening socket in the file system, and the file that is its name.
#pragma once

#include <sys/types.h>

#include <string>

#include "server/core/status.h"
#include "server/rpc/descriptor.h"

namespace futured::rpc {

class UnixSocket {
 public:
  // Who reaches it at all. kAnyone: every user of the machine; their uid decides then.
  enum class Access { kOwner, kAnyone };

  // Makes the socket, and its folder if that is not there: for the owner alone, mode 0700 (kAnyone: 0711 and 0777).
  // Refuses a folder that others may write to, and a file that is no socket, or another user's, or one where somebody
  // answers; one that a dead daemon left behind is replaced. Holds a lock on PATH.lock meanwhile and later, which
  // stays. kSettingInvalid names the file. Changes the umask of the process for a moment. Blocks on the disk.
  static core::Result<UnixSocket> bind(const std::string& path, Access access);

  UnixSocket(UnixSocket&&) noexcept = default;
  UnixSocket& operator=(UnixSocket&&) = delete;
  // Takes the file away, unless it is another socket's by then.
  ~UnixSocket();

  // To listen on. Stays ours.
  int get() const { return socket_.get(); }

 private:
  UnixSocket() = default;

  std::string path_;
  Descriptor lock_;
  Descriptor socket_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace futured::rpc
