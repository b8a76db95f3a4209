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

TEST(OptionColumnsTest, TracesAreReadable) {
  const core::SharedTrace trace({{1, 2}, 3, false, ""});
  const OptionColumns columns = to_columns(with_trace({}, trace));
  EXPECT_EQ(columns.traceparent, "00-00000000000000010000000000000002-0000000000000003-00");
  EXPECT_EQ(columns.tracestate, std::nullopt);
  EXPECT_EQ(to_options(columns), with_trace({}, trace));
}

TEST(OptionColumnsTest, ChecksumOfARowWithoutTraceIsAsItWas) {
  core::TaskPolicy policy{.priority = 3};
  core::TaskOptions options;
  options.policy = std::make_shared<const core::TaskPolicy>(policy);
  OptionColumns columns = to_columns(options);
  core::Checksum without;
  columns.add_to(without);
  // Numbers, whether they are set, and two texts: what rows of the first version have.
  core::Checksum expected;
  for (const auto& number : columns.numbers) {
    if (number) expected.add(static_cast<std::uint64_t>(*number));
    expected.add(std::uint64_t{number.has_value()});
  }
  EXPECT_EQ(without.value(), expected.add(std::string()).add(std::string()).value());
  columns.traceparent = "00-00000000000000010000000000000002-0000000000000003-00";
  core::Checksum with;
  columns.add_to(with);
  EXPECT_NE(with.value(), without.value());
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
