// Disk: a file system of its own, whose power can be cut: what was not synced is gone. Needs root and loop devices.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

namespace futured::crash {

class Disk {
 public:
  // Makes ext4 in a file in `folder`, and mounts it. Throws std::runtime_error, with the reason, where that cannot be
  // done.
  explicit Disk(const std::filesystem::path& folder);
  // Unmounts it.
  ~Disk();
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  const std::filesystem::path& path() const { return mount_point_; }
  // From then on nothing can be written or synced, and what was not synced will not be there.
  void cut();
  // As after an error that the file system does not go on after: it is read-only from then on.
  void turn_read_only();
  // As after the power is back. Nothing may have a file of it open.
  void power_up();

 private:
  void mount();
  void unmount();

  const std::filesystem::path image_;
  const std::filesystem::path mount_point_;
  bool mounted_ = false;
};

// Null, and the reason is told, where there can be none.
std::unique_ptr<Disk> make_disk(const std::filesystem::path& folder);

}  // namespace futured::crash
