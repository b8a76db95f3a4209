#include "futured/valid_text.h"

#include <gtest/gtest.h>

#include <string>

namespace futured {
namespace {

TEST(ValidTextTest, ValidTextThatFitsStaysAsItIs) {
  EXPECT_EQ(valid_text("", 10), "");
  EXPECT_EQ(valid_text("half of it", 10), "half of it");
  EXPECT_EQ(valid_text("öäü€\U0001F600", 100), "öäü€\U0001F600");
}

TEST(ValidTextTest, IsCutAtTheEndOfACharacter) {
  EXPECT_EQ(valid_text("half of it", 4), "half");
  EXPECT_EQ(valid_text("aé", 2), "a");
  EXPECT_EQ(valid_text("aé", 3), "aé");
  EXPECT_EQ(valid_text("\U0001F600", 3), "");
  EXPECT_EQ(valid_text("text", 0), "");
}

TEST(ValidTextTest, BytesThatAreNoTextBecomeQuestionMarks) {
  EXPECT_EQ(valid_text("a\xff\xfe"
                       "b",
                       10),
            "a??b");
  // The beginning of a character, with nothing behind it.
  EXPECT_EQ(valid_text("a\xc3", 10), "a?");
}

}  // namespace
}  // namespace futured
