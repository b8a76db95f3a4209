// Realm: files of identities and tokens for a daemon.
#pragma once

#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "server/security/token_file.h"
#include "tests/support/temporary_directory.h"

namespace futured::testing {

class Realm {
 public:
  // A table of a TOML file, but for its title: realm.add("web", "verbs = [\"read\"]").
  void add(const std::string& name, const std::string& keys) const {
    std::ofstream(identities(), std::ios::app) << "[identities." << name << "]\n" << keys << "\n";
    std::filesystem::permissions(identities(),
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  // One that may do what the verbs say, with all executors and functions.
  void add_with_verbs(const std::string& name, const std::string& name_space,
                      const std::vector<std::string>& verbs) const {
    std::string list;
    for (const std::string& verb : verbs) list.append(list.empty() ? "" : ", ").append("\"" + verb + "\"");
    add(name, "namespace = \"" + name_space + "\"\nverbs = [" + list + "]\nexecutors = [\"*\"]\nfunctions = [\"*\"]");
  }
  // Makes a token.
  std::string issue(const std::string& identity, std::optional<security::Instant> expires = {}) const {
    std::string token = security::make_token();
    if (auto done = security::append_token(tokens(), security::entry_of(identity, token, expires)); !done)
      throw std::runtime_error(done.error());
    return token;
  }
  void revoke(const std::string& token) const {
    if (auto done = security::remove_token(tokens(), security::entry_of("", token).id); !done)
      throw std::runtime_error(done.error());
  }

  std::string identities() const { return directory_.path() + "/identities.toml"; }
  std::string tokens() const { return directory_.path() + "/tokens"; }
  std::string file(const std::string& name) const { return directory_.path() + "/" + name; }
  std::vector<std::string> flags() const { return {"--identities=" + identities(), "--tokens=" + tokens()}; }

 private:
  TemporaryDirectory directory_;
};

inline security::Instant seconds_from_now(int seconds) {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) + std::chrono::seconds(seconds);
}

}  // namespace futured::testing
