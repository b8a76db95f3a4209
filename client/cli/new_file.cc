#include "client/cli/new_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "client/cli/failure.h"

namespace futured::cli {
namespace {

bool is_there(const std::string& path) {
  struct stat found = {};
  return ::lstat(path.c_str(), &found) == 0;
}

// In place of nothing. Some file systems know only one of the two ways.
bool rename_to_new(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno != EINVAL || ::link(from.c_str(), to.c_str()) != 0) return false;
  ::unlink(from.c_str());
  return true;
}

bool sync_folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool synced = ::fsync(descriptor) == 0;
  ::close(descriptor);
  return synced;
}

// What errno says.
Failure cannot(const std::string& what, const std::string& path) {
  return {ExitCode::kRefused, "cannot " + what + " " + path + ": " + std::strerror(errno)};
}

Failure discarded() { return {ExitCode::kRefused, "the file is not wanted any more"}; }

Failure there_already(const std::string& path, const std::string& hint) {
  return {ExitCode::kRefused, path + " is there already" + hint};
}

}  // namespace

NewFile::NewFile(std::string path) : path_(std::move(path)), partial_(path_ + ".partial") {}

NewFile::~NewFile() {
  discard();
  if (descriptor_ >= 0) ::close(descriptor_);
}

void NewFile::open() {
  if (is_there(path_)) throw there_already(path_, "");
  const std::lock_guard lock(mu_);
  if (discarded_) throw discarded();
  descriptor_ = ::open(partial_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (descriptor_ < 0 && errno == EEXIST) {
    throw there_already(partial_, ": somebody is writing it, or was killed; remove it then");
  }
  if (descriptor_ < 0) throw cannot("make", partial_);
  is_ours_ = true;
}

void NewFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto length = ::write(descriptor_, bytes.data(), bytes.size());
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) throw cannot("write", partial_);
    bytes.remove_prefix(static_cast<std::size_t>(length));
    size_ += static_cast<std::uint64_t>(length);
  }
}

void NewFile::publish() {
  if (::fsync(descriptor_) != 0) throw cannot("write", partial_);
  {
    const std::lock_guard lock(mu_);
    if (discarded_) throw discarded();
    if (!rename_to_new(partial_, path_)) {
      if (errno == EEXIST) throw there_already(path_, "");
      throw cannot("make", path_);
    }
    is_ours_ = false;
  }
  if (!sync_folder_of(path_)) throw cannot("sync the folder of", path_);
}

void NewFile::discard() {
  const std::lock_guard lock(mu_);
  discarded_ = true;
  if (std::exchange(is_ours_, false)) ::unlink(partial_.c_str());
}
}  // namespace futured::cli
