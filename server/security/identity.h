// Identities: who may do what. A TOML file, with a table [identities.NAME] for each; security/identities.cc reads it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "server/core/account.h"

namespace futured::security {

enum class Verb : std::uint8_t { kSubmit, kRead, kCancel, kAdmin };
inline constexpr std::size_t kVerbs = 4;
// "submit".
std::string_view name_of(Verb verb);

class VerbSet {
 public:
  void add(Verb verb) { bits_ |= bit(verb); }
  bool has(Verb verb) const { return (bits_ & bit(verb)) != 0; }
  bool empty() const { return bits_ == 0; }

 private:
  static std::uint8_t bit(Verb verb) { return static_cast<std::uint8_t>(1U << static_cast<unsigned>(verb)); }
  std::uint8_t bits_ = 0;
};

// What is not given is not allowed.
struct Identity {
  std::string name;
  // Futures of the same namespace see each other. Its own name, unless given.
  std::string name_space;
  VerbSet verbs;
  // Patterns (glob.h) of the executors and functions that it may submit to.
  std::vector<std::string> executors;
  std::vector<std::string> functions;
  // Subject alternative names of its certificates: URIs ("spiffe://…"), or names of hosts.
  std::vector<std::string> certificates;
  // Users whose processes it is, by the Unix socket.
  std::vector<std::uint32_t> uids;
  core::AccountLimits limits;

  // Whether it may submit that function to that executor.
  bool may_use_executor(std::string_view executor) const;
  bool may_use_function(std::string_view function) const;
};

// The failure names `path`, the line and the key. A certificate or uid of two identities is refused, as are unknown
// keys and verbs, with a suggestion.
tl::expected<std::vector<Identity>, std::string> parse_identities(const std::string& text, const std::string& path);
// Nobody but its owner may write to the file; see read_trusted_file(). Blocks on the disk.
tl::expected<std::vector<Identity>, std::string> read_identities(const std::string& path);

}  // namespace futured::security
