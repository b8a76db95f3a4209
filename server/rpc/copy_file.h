// CopyFile: a temporary file, read once from its begin to its end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "server/core/status.h"

namespace futured::rpc {

// Used by one thread at a time. The file is gone with it.
class CopyFile {
 public:
  // Opens a file and takes its name away, so that nothing is left of it however the process ends. kUnavailable: it
  // cannot be opened.
  static core::Result<CopyFile> take(const std::filesystem::path& path);
  CopyFile(CopyFile&& other) noexcept;
  CopyFile& operator=(CopyFile&&) = delete;
  ~CopyFile();

  // In bytes.
  std::uint64_t size() const { return size_; }
  std::uint64_t left() const { return size_ - offset_; }
  // The next `most` bytes, or what is left. Blocks on the disk, if they are not in memory. kUnavailable: they cannot be
  // read.
  core::Result<std::string> read(std::size_t most);

 private:
  CopyFile(int descriptor, std::uint64_t size) : descriptor_(descriptor), size_(size) {}

  int descriptor_;
  std::uint64_t size_;
  std::uint64_t offset_ = 0;
};

}  // namespace futured::rpc
