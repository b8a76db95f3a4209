#include "server/security/token_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/temporary_directory.h"

namespace futured::security {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kHash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr const char* kOtherHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

std::string complaint(const std::string& text) {
  const auto parsed = parse_tokens(text, "tokens");
  EXPECT_FALSE(parsed.has_value());
  return parsed ? "" : parsed.error();
}

TokenEntry entry_for(const std::string& identity) { return entry_of(identity, make_token()); }

class TokenFileTest : public ::testing::Test {
 protected:
  std::string path() const { return directory_.path() + "/tokens"; }
  std::string contents() const {
    std::ostringstream text;
    text << std::ifstream(path()).rdbuf();
    return text.str();
  }
  void write(const std::string& text, mode_t mode) const {
    std::ofstream(path()) << text;
    ASSERT_EQ(::chmod(path().c_str(), mode), 0);
  }

  testing::TemporaryDirectory directory_;
};

TEST(TokenLinesTest, CommentsAndBlankLinesAreNothing) {
  const std::string text = std::string("# all of them\n\n  web sha256:") + kHash +
                           " expires=2026-12-24T18:00:00Z id=0123abcd  # of the shop\nci sha256:" + kOtherHash;
  const auto tokens = parse_tokens(text, "tokens");
  ASSERT_TRUE(tokens.has_value()) << tokens.error();
  ASSERT_EQ(tokens->size(), 2U);
  EXPECT_EQ((*tokens)[0].identity, "web");
  EXPECT_EQ((*tokens)[0].id, "0123abcd");
  EXPECT_EQ(print_instant(*(*tokens)[0].expires), "2026-12-24T18:00:00Z");
  EXPECT_EQ((*tokens)[1].id, "e3b0c442") << "the first digits of the hash";
  EXPECT_FALSE((*tokens)[1].expires.has_value());
}

TEST(TokenLinesTest, PrintedLinesReadBackTheSame) {
  TokenEntry entry = entry_for("web");
  entry.expires = *parse_instant("2026-12-24T18:00:00Z");
  const auto again = parse_tokens(print_token(entry), "tokens");
  ASSERT_TRUE(again.has_value()) << again.error();
  EXPECT_EQ(print_token(again->front()), print_token(entry));
}

TEST(TokenLinesTest, ComplaintsNameTheLine) {
  const std::string good = std::string("web sha256:") + kHash;
  EXPECT_THAT(complaint("# first\nweb\n"), StartsWith("tokens:2: behind the identity must be sha256:"));
  EXPECT_THAT(complaint("we b\n"), StartsWith("tokens:1: "));
  EXPECT_THAT(complaint("w/b sha256:00\n"), StartsWith("tokens:1: an identity's name is"));
  EXPECT_THAT(complaint("web sha256:00\n"), HasSubstr("64 hexadecimal digits"));
  EXPECT_THAT(complaint(good + " expires=soon\n"), StartsWith("tokens:1: expires: \"soon\" is no point in time"));
  EXPECT_THAT(complaint(good + " id=XYZ\n"), HasSubstr("id: must be 8 hexadecimal digits"));
  EXPECT_THAT(complaint(good + " scope=all\n"), HasSubstr("expires=TIME and id=ID alone"));
  EXPECT_THAT(complaint(good + "\nci sha256:" + kHash + " id=01234567\n"), StartsWith("tokens:2: that hash"));
  EXPECT_THAT(complaint(good + " id=01234567\nci sha256:" + kOtherHash + " id=01234567\n"),
              StartsWith("tokens:2: the ID"));
}

TEST(TokenLinesTest, TokenThatIsThereInsteadOfItsHashIsNotRepeated) {
  const std::string token = make_token();
  EXPECT_THAT(complaint("web " + token), ::testing::Not(HasSubstr(token)));
}

TEST_F(TokenFileTest, OthersMayNotReadIt) {
  for (const mode_t mode : {0640U, 0604U, 0620U, 0601U}) {
    write("", mode);
    const auto read = read_token_file(path());
    ASSERT_FALSE(read.has_value()) << std::oct << mode;
    EXPECT_THAT(read.error(), HasSubstr("only its owner may read it: chmod 600"));
    EXPECT_THAT(read.error(), StartsWith(path() + ": has the mode 06"));
  }
  write("", 0400);
  EXPECT_TRUE(read_token_file(path()).has_value());
}

TEST_F(TokenFileTest, OnlyRegularFilesAreRead) {
  ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
  const auto read = read_token_file(path());
  ASSERT_FALSE(read.has_value());
  EXPECT_THAT(read.error(), HasSubstr("is no regular file"));
  EXPECT_THAT(read_token_file(directory_.path() + "/none").error(), HasSubstr("No such file"));
}

TEST_F(TokenFileTest, AppendedTokensAreThereAndCommentsStay) {
  const TokenEntry first = entry_for("web");
  ASSERT_TRUE(append_token(path(), first).has_value());
  struct stat status {};
  ASSERT_EQ(::stat(path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  write(contents() + "# a comment without an end", 0600);
  const TokenEntry second = entry_for("web");
  ASSERT_TRUE(append_token(path(), second).has_value());
  EXPECT_EQ(contents(), print_token(first) + "\n# a comment without an end\n" + print_token(second) + "\n");
}

TEST_F(TokenFileTest, RemovedTokenIsGoneAndOthersStay) {
  const TokenEntry first = entry_for("web");
  const TokenEntry second = entry_for("ci");
  ASSERT_TRUE(append_token(path(), first).has_value());
  ASSERT_TRUE(append_token(path(), second).has_value());
  ASSERT_TRUE(remove_token(path(), first.id).has_value());
  EXPECT_EQ(contents(), print_token(second) + "\n");
  const auto again = remove_token(path(), first.id);
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error(), path() + ": no token has the ID " + first.id);
}

TEST_F(TokenFileTest, BrokenFileIsNotChanged) {
  write("nonsense\n", 0600);
  EXPECT_FALSE(append_token(path(), entry_for("web")).has_value());
  EXPECT_FALSE(remove_token(path(), "01234567").has_value());
  EXPECT_EQ(contents(), "nonsense\n");
}

TEST_F(TokenFileTest, ThoseWhoAppendAtOnceLoseNothing) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      for (int j = 0; j < 10; ++j) EXPECT_TRUE(append_token(path(), entry_for("web")).has_value());
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto tokens = read_token_file(path());
  ASSERT_TRUE(tokens.has_value()) << tokens.error();
  EXPECT_EQ(tokens->size(), 40U);
}

}  // namespace
}  // namespace futured::security
