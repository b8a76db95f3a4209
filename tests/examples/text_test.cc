#include "examples/plugin/text.h"

#include <gtest/gtest.h>

#include <string_view>

#include "examples/plugin/functions.h"

namespace examples {
namespace {

void expect_size(std::string_view text, std::uint64_t lines, std::uint64_t words) {
  const TextSize size = size_of_text(text);
  EXPECT_EQ(size.lines, lines) << text;
  EXPECT_EQ(size.words, words) << text;
  EXPECT_EQ(size.bytes, text.size()) << text;
}

TEST(TextSize, CountsWhatIsBetweenWhiteSpace) {
  expect_size("", 0, 0);
  expect_size(" \t\n\n", 2, 0);
  expect_size("one", 0, 1);
  expect_size("  one two\tthree\r\nfour ", 1, 4);
}

TEST(TextSize, TakesAnyBytes) { expect_size(std::string_view("\0 \xff\n", 4), 1, 2); }

TEST(TextCounter, CountsAWordInTwoPiecesOnce) {
  TextCounter counter;
  counter.add("one tw");
  counter.add("o");
  counter.add("");
  counter.add(" three");
  EXPECT_EQ(counter.size().words, 3U);
  EXPECT_EQ(counter.size().bytes, 13U);
}

}  // namespace
}  // namespace examples
