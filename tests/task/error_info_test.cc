#include "futured/error_info.h"

#include <gtest/gtest.h>

#include <exception>
#include <stdexcept>
#include <string>

namespace app {

struct BadHost : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace app

namespace futured {
namespace {

template <class E>
ErrorInfo described(E error) {
  return describe(std::make_exception_ptr(error));
}

std::exception_ptr nested(int depth) {
  try {
    if (depth > 1) std::rethrow_exception(nested(depth - 1));
    throw std::runtime_error("innermost");
  } catch (...) {
    try {
      std::throw_with_nested(std::logic_error("level " + std::to_string(depth)));
    } catch (...) {
      return std::current_exception();
    }
  }
}

TEST(ErrorInfoTest, NamesTypeAndMessage) {
  const ErrorInfo info = described(app::BadHost("no such host: a.invalid"));
  EXPECT_EQ(info.type, "app::BadHost");
  EXPECT_EQ(info.message, "no such host: a.invalid");
  EXPECT_EQ(info.cause, nullptr);
}

// semantics 75
TEST(ErrorInfoTest, AnythingThrownIsDescribed) {
  EXPECT_EQ(described(42).type, "int");
  EXPECT_FALSE(described(42).message.empty());
  EXPECT_EQ(described(std::string("text")).message, "text");
  EXPECT_EQ(described(static_cast<const char*>("text")).message, "text");
}

TEST(ErrorInfoTest, NestedExceptionsBecomeCauses) {
  const ErrorInfo info = describe(nested(2));
  EXPECT_EQ(info.type, "std::logic_error");
  EXPECT_EQ(info.message, "level 2");
  ASSERT_NE(info.cause, nullptr);
  EXPECT_EQ(info.cause->message, "level 1");
  ASSERT_NE(info.cause->cause, nullptr);
  EXPECT_EQ(info.cause->cause->type, "std::runtime_error");
  EXPECT_EQ(info.cause->cause->message, "innermost");
  EXPECT_EQ(info.cause->cause->cause, nullptr);
}

TEST(ErrorInfoTest, ChainEndsAtSixteen) {
  const ErrorInfo info = describe(nested(40));
  int depth = 1;
  for (const ErrorInfo* cause = info.cause.get(); cause != nullptr; cause = cause->cause.get()) ++depth;
  EXPECT_EQ(depth, 16);
}

TEST(ErrorInfoTest, LongMessageIsCutBetweenCharacters) {
  std::string text = "x";
  while (text.size() < 20000) text += "\xe2\x82\xac";
  const std::string message = described(std::runtime_error(text)).message;
  const std::string note = "…[truncated, " + std::to_string(text.size()) + " bytes]";
  ASSERT_TRUE(message.ends_with(note)) << message.substr(message.size() - 100);
  EXPECT_LE(message.size(), kLongestErrorText);
  EXPECT_GE(message.size(), kLongestErrorText - 3);
  const std::size_t kept = message.size() - note.size();
  EXPECT_EQ(message.substr(0, kept), text.substr(0, kept));
  EXPECT_EQ((kept - 1) % 3, 0U);
}

TEST(ErrorInfoTest, TextOfTheLongestSizeIsKeptWhole) {
  const std::string text(kLongestErrorText, 'x');
  EXPECT_EQ(error_text(text), text);
  EXPECT_EQ(error_text(error_text(text + "y")), error_text(text + "y"));
}

TEST(ErrorInfoTest, MessageIsAlwaysText) { EXPECT_EQ(described(std::runtime_error("a\xff\xe2\x82")).message, "a???"); }

}  // namespace
}  // namespace futured
