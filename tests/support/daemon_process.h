// DaemonProcess: the real daemon as a child process, on a free port.
#pragma once

#include <sys/types.h>

#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/eventually.h"
#include "tests/support/temporary_directory.h"

namespace futured::testing {

// Nothing takes longer than kPatience.
class DaemonProcess {
 public:
  // Starts `futured --listen 127.0.0.1:0 --http-listen=off --port-file … FLAGS`, with FUTURED_* variables from
  // `environment` only. Without a --data-dir among the flags futures are kept in memory.
  explicit DaemonProcess(const std::vector<std::string>& flags = {}, const std::vector<std::string>& environment = {});
  // Kills it if it still runs.
  ~DaemonProcess();
  DaemonProcess(const DaemonProcess&) = delete;
  DaemonProcess& operator=(const DaemonProcess&) = delete;

  // The address it serves, once it does; empty if it ends before or is out of patience.
  std::string address();
  void send(int signal) const { kill(pid_, signal); }
  pid_t pid() const { return pid_; }
  // Its exit code, once it has ended; 128 + the signal if one ended it; nothing when out of patience.
  std::optional<int> exit_code();
  // What it has written to standard output and error so far.
  std::string output() const;
  // Waits until it has written `text`. False when out of patience.
  bool wrote(const std::string& text) const;
  const std::filesystem::path& directory() const { return directory_; }

 private:
  bool ended();

  TemporaryDirectory temporary_;
  std::filesystem::path directory_ = temporary_.path();
  pid_t pid_ = -1;
  std::optional<int> exit_code_;
};

}  // namespace futured::testing
