#include "server/security/token.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace futured::security {
namespace {

TEST(TokenTest, IsPrefixAndThirtyTwoRandomBytes) {
  std::set<std::string> seen;
  for (int i = 0; i < 1'000; ++i) {
    const std::string token = make_token();
    EXPECT_EQ(token.size(), kTokenLength);
    EXPECT_TRUE(is_token(token)) << token;
    EXPECT_TRUE(seen.insert(token).second) << "the same twice";
  }
}

TEST(TokenTest, OtherTextsAreNone) {
  const std::string token = make_token();
  for (const std::string& text :
       {std::string(), std::string("futured_"), token.substr(1), token + "a", "Futured_" + token.substr(8),
        token.substr(0, 50) + "=", token.substr(0, 50) + "\n"}) {
    EXPECT_FALSE(is_token(text)) << text;
  }
}

// The vectors of FIPS 180-2.
TEST(TokenTest, HashIsSha256) {
  EXPECT_EQ(to_hex(hash_token("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(hash_token("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(TokenTest, HashReadsBackFromItsDigits) {
  const TokenHash hash = hash_token("abc");
  const auto again = parse_hash(to_hex(hash));
  ASSERT_TRUE(again.has_value());
  EXPECT_TRUE(same_hash(*again, hash));
  EXPECT_FALSE(same_hash(*again, hash_token("abd")));
  for (const std::string& text :
       {std::string(), to_hex(hash).substr(1), to_hex(hash) + "0", std::string(64, 'g'), std::string(64, 'A')}) {
    EXPECT_FALSE(parse_hash(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace futured::security
