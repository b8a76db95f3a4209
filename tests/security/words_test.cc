// Instants and patterns.
#include <gtest/gtest.h>

#include <string>

#include "server/security/glob.h"
#include "server/security/instant.h"

namespace futured::security {
namespace {

TEST(InstantTest, ReadsWhatItPrints) {
  for (const char* text : {"1970-01-01T00:00:00Z", "2026-12-24T18:00:59Z", "2028-02-29T23:59:59Z"}) {
    const auto instant = parse_instant(text);
    ASSERT_TRUE(instant.has_value()) << instant.error();
    EXPECT_EQ(print_instant(*instant), text);
  }
}

TEST(InstantTest, OffsetsAreTakenIntoAccount) {
  EXPECT_EQ(print_instant(*parse_instant("2026-12-24T18:00:00+01:30")), "2026-12-24T16:30:00Z");
  EXPECT_EQ(print_instant(*parse_instant("2026-12-24t18:00:00-05:00")), "2026-12-24T23:00:00Z");
}

TEST(InstantTest, OtherTextsAreRefused) {
  for (const char* text : {"", "2026-12-24", "2026-12-24T18:00:00", "2026-13-24T18:00:00Z", "2026-02-29T18:00:00Z",
                           "2026-12-24T24:00:00Z", "2026-12-24T18:00:60Z", "2026-12-24 18:00:00Z", "soon", "30d",
                           "2026-12-24T18:00:00+0100", "2026-12-24T18:00:00Z "}) {
    EXPECT_FALSE(parse_instant(text).has_value()) << text;
  }
}

TEST(GlobTest, StarStandsForAnyCharacters) {
  EXPECT_TRUE(matches("*", "image.resize"));
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("image.*", "image.resize"));
  EXPECT_TRUE(matches("image.*", "image."));
  EXPECT_TRUE(matches("*.resize", "image.resize"));
  EXPECT_TRUE(matches("i*e.*s*e", "image.resize"));
  EXPECT_TRUE(matches("a*b*c", "abbbcbc"));
}

TEST(GlobTest, AllElseStandsForItself) {
  EXPECT_TRUE(matches("image.resize", "image.resize"));
  for (const char* pattern : {"", "image.", "image.resize.", "Image.*", "image.?esize", "image.[r]esize", "mage*"}) {
    EXPECT_FALSE(matches(pattern, "image.resize")) << pattern;
  }
}

// Where a matcher that goes back to every star would never end.
TEST(GlobTest, ManyStarsTakeNoTime) {
  std::string pattern;
  for (int i = 0; i < 50; ++i) pattern += "a*";
  EXPECT_FALSE(matches(pattern + "b", std::string(10'000, 'a')));
}

}  // namespace
}  // namespace futured::security
