#include "server/http/page_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace futured::http {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

Request with(const std::string& header, const std::string& value, const std::string& token = "") {
  Request request;
  request.headers.emplace_back(header, value);
  if (!token.empty()) request.headers.emplace_back("x-futured-token", token);
  return request;
}

TEST(PageTokenTest, EachIsItsOwnAndHas128Bits) {
  const PageToken token;
  EXPECT_THAT(token.text(), MatchesRegex("[0-9a-f]{32}"));
  EXPECT_NE(token.text(), PageToken().text());
}

TEST(PageTokenTest, OnlyBrowsersNeedOne) {
  const PageToken token;
  EXPECT_FALSE(token.refuses({}));
  for (const char* header : {"origin", "sec-fetch-site"}) {
    EXPECT_TRUE(token.refuses(with(header, "same-origin"))) << header;
    EXPECT_TRUE(token.refuses(with(header, "none", PageToken().text()))) << header;
    EXPECT_TRUE(token.refuses(with(header, "none", token.text().substr(1)))) << header;
    EXPECT_FALSE(token.refuses(with(header, "same-origin", token.text()))) << header;
  }
}

TEST(PageTokenTest, RefusalHasAReason) {
  const Response refusal = page_token_refusal();
  EXPECT_EQ(refusal.status, 403U);
  EXPECT_THAT(refusal.body, HasSubstr("X-Futured-Token"));
  EXPECT_THAT(refusal.body, HasSubstr("PAGE_TOKEN_WRONG"));
}

}  // namespace
}  // namespace futured::http
