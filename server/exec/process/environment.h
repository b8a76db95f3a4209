// The environment of child processes: only what the configuration names.
#pragma once

#include <functional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace futured::exec {

// A variable of the daemon, or nullptr.
using GetEnvironment = std::function<const char*(const char* name)>;

// What children see unless the configuration says otherwise.
const std::vector<std::string>& default_environment();

// Of each entry: "NAME=value" is that; "NAME" is the daemon's variable, or nothing if it has none; of two with one name
// the last counts. The failure says which entry is neither.
tl::expected<std::vector<std::string>, std::string> resolve_environment(const std::vector<std::string>& entries,
                                                                        const GetEnvironment& getenv);

// The absolute path of a program: a bare name is looked up in the daemon's PATH, a path is made absolute. The failure
// says where it was looked for.
tl::expected<std::string, std::string> find_program(const std::string& name, const GetEnvironment& getenv);

}  // namespace futured::exec
