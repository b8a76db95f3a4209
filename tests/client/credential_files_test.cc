// What is read from the files and variables of credentials, and what is refused.
#include "client/cpp/src/credential_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <stdexcept>
#include <string>

#include "tests/support/environment_variable.h"
#include "tests/support/temporary_directory.h"

namespace futured::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kToken = "futured_canary";

class CredentialFilesTest : public ::testing::Test {
 protected:
  // A file of mode 0600, or another.
  std::string file(const std::string& content, mode_t mode = 0600) {
    std::string path = folder_.path() + "/file";
    std::ofstream(path, std::ios::binary) << content;
    ::chmod(path.c_str(), mode);
    return path;
  }
  std::string path(const std::string& name) const { return folder_.path() + "/" + name; }

  // Why they are refused.
  static std::string refusal(const Credentials& credentials) {
    try {
      detail::load(credentials);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "";
  }

 private:
  TemporaryDirectory folder_;
};

TEST_F(CredentialFilesTest, EndOfTheLineIsNoPartOfAToken) {
  for (const char* end : {"", "\n", "\r\n"}) {
    EXPECT_EQ(detail::load({.token_file = file(std::string(kToken) + end)}).token, kToken);
  }
}

TEST_F(CredentialFilesTest, TokenThatIsNoneIsRefusedByTheNameOfItsFile) {
  const struct {
    std::string content;
    const char* reason;
  } cases[] = {{"", "has no token"},
               {"\n", "has no token"},
               {"futured_canary\nfutured_canary\n", "has more than one line"},
               {"futured_canary\n\n", "has more than one line"},
               {"futured_canary x", "a space, a control character or one beyond ASCII"},
               {std::string("futured_canary\0x", 16), "a space, a control character or one beyond ASCII"},
               {"futured_canary\x7f", "a space, a control character or one beyond ASCII"},
               {"futured_canary\xc3\xa4", "a space, a control character or one beyond ASCII"},
               {std::string(4097, 'x'), "has more than 4096 bytes"},
               {std::string(1 << 20, 'x'), "has more than 4096 bytes"}};
  for (const auto& [content, reason] : cases) {
    EXPECT_THAT(refusal({.token_file = file(content)}),
                AllOf(HasSubstr(path("file")), HasSubstr(reason), Not(HasSubstr("canary")), Not(HasSubstr("xxx"))));
  }
}

TEST_F(CredentialFilesTest, LongestTokenIsTaken) {
  EXPECT_EQ(detail::load({.token_file = file(std::string(4096, 'x') + "\r\n")}).token.size(), 4096U);
}

TEST_F(CredentialFilesTest, GivenTokenIsHeldToTheSameAndNeverRepeated) {
  EXPECT_THAT(refusal({.token = "futured_canary\r\nx-evil: 1"}),
              AllOf(HasSubstr("the given token has"), Not(HasSubstr("canary"))));
}

TEST_F(CredentialFilesTest, FileThatIsNotThereIsRefused) {
  EXPECT_THAT(refusal({.token_file = path("none")}), AllOf(HasSubstr(path("none")), HasSubstr("No such file")));
  EXPECT_THAT(refusal({.ca_file = path("none")}), AllOf(HasSubstr(path("none")), HasSubstr("No such file")));
}

TEST_F(CredentialFilesTest, WhatIsNoFileIsNotWaitedFor) {
  const std::string pipe = path("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(refusal({.token_file = pipe}), HasSubstr("is no regular file"));
  EXPECT_THAT(refusal({.token_file = path("")}), HasSubstr("is no regular file"));
}

TEST_F(CredentialFilesTest, SecretsThatOthersMayReadAreRefused) {
  for (const mode_t mode : {0644U, 0640U, 0604U, 0620U}) {
    EXPECT_THAT(refusal({.token_file = file(kToken, mode)}), AllOf(HasSubstr("has mode 06"), HasSubstr("chmod 600")));
    EXPECT_THAT(refusal({.key_file = file("-----BEGIN PRIVATE KEY-----", mode)}), HasSubstr("has mode 06"));
  }
  EXPECT_EQ(refusal({.token_file = file(kToken, 0400)}), "");
  EXPECT_EQ(refusal({.ca_file = file("-----BEGIN CERTIFICATE-----", 0644)}), "");
}

TEST_F(CredentialFilesTest, CertificatesAreInPem) {
  EXPECT_THAT(refusal({.ca_file = file("no PEM")}), HasSubstr("has no CERTIFICATE in PEM"));
  EXPECT_THAT(refusal({.key_file = file("-----BEGIN CERTIFICATE-----")}), HasSubstr("has no PRIVATE KEY in PEM"));
}

TEST_F(CredentialFilesTest, WhatIsUnsetComesFromTheEnvironment) {
  const EnvironmentVariable token("FUTURED_TOKEN", "from-environment");
  const EnvironmentVariable authorities("FUTURED_CA_FILE", "/ca");
  const EnvironmentVariable certificate("FUTURED_CERTIFICATE_FILE", "/certificate");
  const EnvironmentVariable key("FUTURED_KEY_FILE", "/key");
  const EnvironmentVariable name("FUTURED_SERVER_NAME", "name");
  const Credentials found = detail::with_environment({});
  EXPECT_EQ(found.token, "from-environment");
  EXPECT_EQ(found.ca_file, "/ca");
  EXPECT_EQ(found.certificate_file, "/certificate");
  EXPECT_EQ(found.key_file, "/key");
  EXPECT_EQ(found.server_name, "name");
}

TEST_F(CredentialFilesTest, OptionsWinOverTheEnvironmentWithWhatBelongsToThem) {
  const EnvironmentVariable token("FUTURED_TOKEN", "from-environment");
  const EnvironmentVariable key("FUTURED_KEY_FILE", "/key");
  const EnvironmentVariable authorities("FUTURED_CA_FILE", "/ca");
  const Credentials found =
      detail::with_environment({.token_file = "/token", .ca_file = "/mine", .certificate_file = "/certificate"});
  EXPECT_EQ(found.token, "");
  EXPECT_EQ(found.token_file, "/token");
  EXPECT_EQ(found.key_file, "");
  EXPECT_EQ(found.ca_file, "/mine");
}

TEST_F(CredentialFilesTest, EnvironmentCanBeLeftUnread) {
  const EnvironmentVariable token("FUTURED_TOKEN", "from-environment");
  EXPECT_EQ(detail::with_environment({.environment = false}).token, "");
}

}  // namespace
}  // namespace futured::testing
