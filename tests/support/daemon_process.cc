#include "tests/support/daemon_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace futured::testing {
namespace {

std::string contents(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  all.reserve(texts.size() + 1);
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

// The daemon's environment is that of the test, but for what would configure it.
std::vector<std::string> without_futured_variables() {
  std::vector<std::string> kept;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!std::string_view(*entry).starts_with("FUTURED_")) kept.emplace_back(*entry);
  }
  return kept;
}

bool has(const std::vector<std::string>& flags, std::string_view beginning) {
  return std::ranges::any_of(flags, [&](const std::string& flag) { return flag.starts_with(beginning); });
}

}  // namespace

DaemonProcess::DaemonProcess(const std::vector<std::string>& flags, const std::vector<std::string>& environment) {
  std::vector<std::string> arguments{FUTURED_BINARY, "--http-listen=off",
                                     "--port-file=" + (directory_ / "port").string()};
  if (!has(flags, "--listen=127.")) arguments.emplace_back("--listen=127.0.0.1:0");
  if (!has(flags, "--data-dir=")) arguments.emplace_back("--memory");
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  std::vector<std::string> variables = without_futured_variables();
  variables.insert(variables.end(), environment.begin(), environment.end());

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const std::string log = directory_ / "output";
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  const int error =
      posix_spawn(&pid_, FUTURED_BINARY, &actions, nullptr, pointers(arguments).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot start " FUTURED_BINARY);
}

DaemonProcess::~DaemonProcess() {
  if (!ended()) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
}

std::string DaemonProcess::address() {
  const std::filesystem::path file = directory_ / "port";
  eventually([&] { return std::filesystem::exists(file) || ended(); });
  std::string text = contents(file);
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

std::optional<int> DaemonProcess::exit_code() {
  eventually([&] { return ended(); });
  return exit_code_;
}

bool DaemonProcess::ended() {
  int status = 0;
  if (!exit_code_ && waitpid(pid_, &status, WNOHANG) == pid_) {
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  return exit_code_.has_value();
}

std::string DaemonProcess::output() const { return contents(directory_ / "output"); }

bool DaemonProcess::wrote(const std::string& text) const {
  return eventually([&] { return output().find(text) != std::string::npos; });
}

}  // namespace futured::testing
