// Reads options from flags, files and an environment that the test makes.
#pragma once

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "server/options.h"
#include "tests/support/temporary_directory.h"

namespace futured::server {

// A directory for files, and an environment of its own.
class OptionsFixture : public ::testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((directory_ / name).parent_path());
    std::ofstream(directory_ / name) << text;
    return directory_ / name;
  }

  std::string write_program(const std::string& name) const {
    std::string path = write(name, "#!/bin/sh\n");
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  }

  tl::expected<CommandLine, std::string> read(const std::vector<std::string>& flags) const {
    std::vector<const char*> argv{"futured"};
    for (const std::string& flag : flags) argv.push_back(flag.c_str());
    const auto getenv = [this](const char* name) -> const char* {
      const auto found = environment_.find(name);
      return found == environment_.end() ? nullptr : found->second.c_str();
    };
    return read_options(static_cast<int>(argv.size()), argv.data(), {getenv, directory_ / "bin"});
  }
  Options accepted(const std::vector<std::string>& flags) const {
    auto result = read(flags);
    EXPECT_TRUE(result.has_value()) << result.error();
    return result ? result->options : Options{};
  }
  std::string refusal(const std::vector<std::string>& flags) const {
    const auto result = read(flags);
    EXPECT_FALSE(result.has_value());
    return result ? "" : result.error();
  }
  // What comes of a file with this text.
  Options accepted_file(const std::string& text) const { return accepted({"--config", write("futured.toml", text)}); }
  // The refusal of a file with this text, without the path.
  std::string file_refusal(const std::string& text) const {
    const std::string path = write("futured.toml", text);
    const std::string complaint = refusal({"--config", path});
    EXPECT_THAT(complaint, ::testing::StartsWith(path));
    return complaint.substr(std::min(complaint.size(), path.size()));
  }

  futured::testing::TemporaryDirectory temporary_;
  std::filesystem::path directory_ = temporary_.path();
  std::map<std::string, std::string> environment_;
};

}  // namespace futured::server
