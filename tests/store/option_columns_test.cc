#include "server/store/option_columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace futured::store {
namespace {

using ::testing::Each;
using ::testing::Eq;

TEST(OptionColumnsTest, DefaultsAreNull) {
  const OptionColumns columns = to_columns({});
  EXPECT_THAT(columns.numbers, Each(Eq(std::nullopt)));
  EXPECT_EQ(columns.retry_on, std::nullopt);
  EXPECT_EQ(columns.labels, std::nullopt);
  EXPECT_EQ(to_options(columns), core::TaskOptions());
}

TEST(OptionColumnsTest, PolicyOfDefaultsStaysOne) {
  core::TaskOptions options;
  options.policy = std::make_shared<const core::TaskPolicy>();
  EXPECT_EQ(to_options(to_columns(options)), options);
}

TEST(OptionColumnsTest, LinesAreReadable) {
  EXPECT_EQ(join_lines({"worker", "ValueError"}), "worker\nValueError\n");
  EXPECT_EQ(join_labels({{"team", "a"}, {"url", "x?y=1"}}), "team=a\nurl=x?y=1\n");
}

TEST(OptionColumnsTest, AnyTextComesBack) {
  const std::vector<std::string> odd = {"", "\n", "\\", "\\n", "a\\\nb", "=", "\\="};
  EXPECT_EQ(split_lines(join_lines(odd)), odd);
  core::Labels labels;
  for (const auto& key : odd) {
    for (const auto& value : odd) labels.emplace_back(key, value);
  }
  EXPECT_EQ(split_labels(join_labels(labels)), labels);
}

}  // namespace
}  // namespace futured::store
