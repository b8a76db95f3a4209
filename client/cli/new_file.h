// NewFile: a file that gets its name when it is complete.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace futured::cli {

// Used by one thread, but for discard(). All failures are of the kind that output cannot be written.
class NewFile {
 public:
  // Makes nothing yet.
  explicit NewFile(std::string path);
  // As discard().
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  // Makes PATH.partial, for its owner only. Throws Failure when it cannot, and when that or PATH is there already.
  void open();
  // Appends. Throws Failure. Blocks on the disk, as do the others.
  void write(std::string_view bytes);
  // Gives it its name, safe from a power cut. Throws Failure, also when PATH has appeared meanwhile; it stays as it is.
  void publish();
  // Takes away what has no name yet, and keeps it from getting one. From any thread.
  void discard();

  // What was written, in bytes.
  std::uint64_t size() const { return size_; }

 private:
  const std::string path_;
  const std::string partial_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;

  std::mutex mu_;
  // Guarded by it: PATH.partial is there, and ours; nothing may come any more.
  bool is_ours_ = false;
  bool discarded_ = false;
};

}  // namespace futured::cli
