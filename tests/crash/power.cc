#include "tests/crash/power.h"

#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <iostream>
#include <stdexcept>
#include <vector>

#include "tests/support/eventually.h"

namespace futured::crash {
namespace {

constexpr off_t kSize = off_t{256} << 20;
// Of the kernel's fs/ext4/ext4.h, which programs do not get to see.
constexpr unsigned long kShutDown = _IOR('X', 125, std::uint32_t);
constexpr std::uint32_t kDoNotFlush = 2;

void run(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t pid = -1;
  int status = -1;
  if (::posix_spawnp(&pid, arguments[0], nullptr, nullptr, arguments.data(), environ) == 0) ::waitpid(pid, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw std::runtime_error(words[0] + " failed");
}

std::runtime_error system_error(const std::string& what) {
  return std::runtime_error(what + ": " + std::strerror(errno));
}

}  // namespace

Disk::Disk(const std::filesystem::path& folder) : image_(folder / "disk"), mount_point_(folder / "mounted") {
  if (::geteuid() != 0) throw std::runtime_error("only root can mount a disk");
  // Mounts of this process's own: gone with it and its children, however they end.
  if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    throw system_error("no mounts of our own");
  }
  const int file = ::open(image_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0 || ::ftruncate(file, kSize) != 0) throw system_error("cannot make a disk");
  ::close(file);
  std::filesystem::create_directory(mount_point_);
  run({"mkfs.ext4", "-q", "-F", image_.string()});
  mount();
}

Disk::~Disk() {
  try {
    unmount();
  } catch (const std::exception&) {
    // What holds it open goes with the run.
  }
}

void Disk::cut() {
  const int directory = ::open(mount_point_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  std::uint32_t how = kDoNotFlush;
  const bool done = directory >= 0 && ::ioctl(directory, kShutDown, &how) == 0;
  const std::runtime_error error = system_error("cannot cut the power");
  ::close(directory);
  if (!done) throw error;
}

void Disk::turn_read_only() {
  // Asking for a read-only file system is refused as long as a file is open for writing.
  run({"mount", "-o", "remount,abort", mount_point_.string()});
  const int file = ::open((mount_point_ / "probe").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const bool done = file < 0 && errno == EROFS;
  ::close(file);
  if (!done) throw std::runtime_error("the disk cannot be made read-only");
}

void Disk::power_up() {
  unmount();
  mount();
}

void Disk::mount() {
  run({"mount", "-o", "loop", image_.string(), mount_point_.string()});
  mounted_ = true;
}

void Disk::unmount() {
  if (!mounted_) return;
  // What the daemon had begun to start holds its files for the moment until it becomes another program, or ends.
  int result = 0;
  testing::eventually([&] { return (result = ::umount2(mount_point_.c_str(), 0)) == 0 || errno != EBUSY; });
  if (result != 0) throw system_error("cannot unmount " + mount_point_.string());
  mounted_ = false;
}

std::unique_ptr<Disk> make_disk(const std::filesystem::path& folder) {
  try {
    return std::make_unique<Disk>(folder);
  } catch (const std::exception& error) {
    std::cout << "skipped: " << error.what() << "\n";
    return nullptr;
  }
}

}  // namespace futured::crash
