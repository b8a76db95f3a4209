#include "server/memory_trim.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <utility>

namespace futured::server {

std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  if (!(file >> all >> resident)) return 0;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::uint64_t unused_bytes() {
  const struct mallinfo2 info = mallinfo2();
  const std::uint64_t used = info.uordblks + info.hblkhd;
  const std::uint64_t resident = resident_bytes();
  return resident > used ? resident - used : 0;
}

void MemoryTrim::give_back() { malloc_trim(0); }

MemoryTrim::MemoryTrim(Settings settings)
    : settings_(std::move(settings)), least_(unused_bytes()), thread_([this] { run(); }) {}

MemoryTrim::~MemoryTrim() {
  {
    core::MutexLock lock(mu_);
    stopping_ = true;
    changed_.notify_one();
  }
  thread_.join();
}

void MemoryTrim::ask() {
  core::MutexLock lock(mu_);
  if (std::exchange(asked_, true)) return;
  changed_.notify_one();
}

void MemoryTrim::run() {
  while (wait_until_asked()) {
    if (!rest(settings_.settle)) return;
    look();
    if (!rest(settings_.pause)) return;
  }
}

bool MemoryTrim::wait_until_asked() {
  core::MutexLock lock(mu_);
  while (!asked_ && !stopping_) changed_.wait(mu_);
  return !stopping_;
}

// What is asked for until the end of the settling is answered by the trim that follows.
bool MemoryTrim::rest(core::Duration time) {
  const auto end = std::chrono::steady_clock::now() + time;
  core::MutexLock lock(mu_);
  while (!stopping_ && std::chrono::steady_clock::now() < end) changed_.wait_until(mu_, end);
  return !stopping_;
}

void MemoryTrim::look() {
  {
    core::MutexLock lock(mu_);
    asked_ = false;
  }
  const std::uint64_t unused = unused_bytes();
  least_ = std::min(least_, unused);
  if (unused < least_ + settings_.growth) return;
  settings_.trim();
  least_ = unused_bytes();
}

}  // namespace futured::server
