#include "server/exec/process/text_template.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace futured::exec {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::string filled(const std::string& text, const std::vector<std::string>& values) {
  std::vector<std::string> parameters;
  const auto parsed = TextTemplate::parse(text, parameters);
  if (!parsed) return "refused: " + parsed.error();
  return parsed->fill([&](std::size_t parameter) { return std::string_view(values.at(parameter)); });
}

std::string refusal(const std::string& text) {
  std::vector<std::string> parameters;
  const auto parsed = TextTemplate::parse(text, parameters);
  return parsed ? "accepted" : parsed.error();
}

TEST(TextTemplateTest, TextWithoutPlaceholdersStaysAsItIs) {
  std::vector<std::string> parameters;
  const auto parsed = TextTemplate::parse("--size=10x20 $HOME `id`", parameters);
  ASSERT_TRUE(parsed);
  EXPECT_FALSE(parsed->has_placeholders());
  EXPECT_THAT(parameters, IsEmpty());
  EXPECT_EQ(parsed->fill([](std::size_t) { return "never"; }), "--size=10x20 $HOME `id`");
}

TEST(TextTemplateTest, EmptyTextIsEmpty) { EXPECT_EQ(filled("", {}), ""); }

TEST(TextTemplateTest, PlaceholdersAreFilledInOrder) {
  EXPECT_EQ(filled("{a}", {"1"}), "1");
  EXPECT_EQ(filled("{a}{b}", {"1", "2"}), "12");
  EXPECT_EQ(filled("<{a}-{b}-{a}>", {"1", "2"}), "<1-2-1>");
}

TEST(TextTemplateTest, ValuesAreNotReadAgain) { EXPECT_EQ(filled("{a} {b}", {"{b} {{", "2"}), "{b} {{ 2"); }

TEST(TextTemplateTest, DoubledBracesAreBraces) {
  EXPECT_EQ(filled("{{}}", {}), "{}");
  EXPECT_EQ(filled("{{a}}", {}), "{a}");
  EXPECT_EQ(filled("{{{a}}}", {"1"}), "{1}");
  EXPECT_EQ(filled("{a}{{{a}}}{a}", {"1"}), "1{1}1");
}

TEST(TextTemplateTest, ParametersAreSharedBetweenTexts) {
  std::vector<std::string> parameters = {"known"};
  EXPECT_TRUE(TextTemplate::parse("{new} {known} {new}", parameters));
  EXPECT_TRUE(TextTemplate::parse("{other} {new}", parameters));
  EXPECT_THAT(parameters, ElementsAre("known", "new", "other"));
}

TEST(TextTemplateTest, NamesAreThoseOfVariables) {
  for (const std::string& name : std::vector<std::string>{"a", "_", "A9", "snake_case", std::string(64, 'x')}) {
    EXPECT_EQ(refusal("{" + name + "}"), "accepted") << name;
  }
  for (const std::string& name : std::vector<std::string>{"9a", "a b", "a-b", "a.b", "ä", std::string(65, 'x'), "a{"}) {
    EXPECT_THAT(refusal("{" + name + "}"), HasSubstr("is no name of a parameter")) << name;
  }
}

TEST(TextTemplateTest, RefusalSaysWhere) {
  EXPECT_THAT(refusal("ab}"), StartsWith("at 3: \"}\" without \"{\""));
  EXPECT_THAT(refusal("{a}{b"), StartsWith("at 4: \"{\" without \"}\""));
  EXPECT_THAT(refusal("{"), StartsWith("at 1: "));
  EXPECT_THAT(refusal("{}"), StartsWith("at 1: a placeholder without a name"));
  EXPECT_THAT(refusal("{{{a}}"), StartsWith("at 6: "));
}

}  // namespace
}  // namespace futured::exec
