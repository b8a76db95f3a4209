// Rendezvous: how a test and the functions that it runs meet, whether they share a process or not.
//
// A folder with two kinds of named pipes. A function says that it has come; the test hears it. A function waits at a
// door; the test opens it, for those that wait and those that come later.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/support/temporary_directory.h"

namespace futured::testing {

// The functions' side. Each takes the path of the rendezvous.

inline void announce(const std::string& path, const std::string& who) {
  const int pipe = ::open((path + "/arrivals").c_str(), O_WRONLY | O_CLOEXEC);
  const std::string line = who + "\n";
  const bool written = pipe >= 0 && ::write(pipe, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  if (pipe >= 0) ::close(pipe);
  if (!written) throw std::runtime_error("nobody listens at " + path);
}
// Whether a door is open. Doors don't exist until they are.
inline bool is_open(const std::string& path, const std::string& door) {
  return std::filesystem::exists(path + "/" + door);
}
// Waits until the door is open, or `give_up` says so. Looks every millisecond: this is a task's body, and the only way
// to wait that works in any process and can be given up.
template <class GiveUp>
void wait_at(const std::string& path, const std::string& door, GiveUp give_up) {
  for (int looks = 0; !is_open(path, door) && !give_up(); ++looks) {
    if (looks > 60'000) throw std::runtime_error("door " + door + " never opened");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

// The test's side. For one thread.
class Rendezvous {
 public:
  Rendezvous() {
    // Open for both, so that neither side waits for the other.
    if (::mkfifo((path() + "/arrivals").c_str(), 0600) == 0) {
      arrivals_ = ::open((path() + "/arrivals").c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    }
    if (arrivals_ < 0) throw std::runtime_error("no named pipe in " + path());
  }
  ~Rendezvous() {
    open("every door");
    ::close(arrivals_);
  }
  Rendezvous(const Rendezvous&) = delete;
  Rendezvous& operator=(const Rendezvous&) = delete;

  const std::string& path() const { return directory_.path(); }
  void open(const std::string& door) const {
    ::close(::open((path() + "/" + door).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  }
  // The next that has come; nothing when nobody comes in time.
  std::optional<std::string> arrival(std::chrono::milliseconds patience = std::chrono::seconds(60)) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (heard_.find('\n') == std::string::npos) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
      pollfd readable{arrivals_, POLLIN, 0};
      if (left.count() <= 0 || ::poll(&readable, 1, static_cast<int>(left.count())) <= 0) return std::nullopt;
      char buffer[4096];
      const ssize_t size = ::read(arrivals_, buffer, sizeof(buffer));
      if (size > 0) heard_.append(buffer, static_cast<std::size_t>(size));
    }
    const std::size_t end = heard_.find('\n');
    std::string who = heard_.substr(0, end);
    heard_.erase(0, end + 1);
    return who;
  }
  std::vector<std::string> arrivals(std::size_t count) {
    std::vector<std::string> all;
    while (all.size() < count) {
      auto who = arrival();
      if (!who) break;
      all.push_back(std::move(*who));
    }
    return all;
  }

 private:
  TemporaryDirectory directory_;
  int arrivals_ = -1;
  std::string heard_;
};

}  // namespace futured::testing
