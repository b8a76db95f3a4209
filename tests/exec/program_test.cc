#include "server/exec/process/program.h"

#include <gmock/gmock.h>

#include <map>
#include <string>
#include <vector>

#include "futured/codec.h"

namespace futured::exec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class ProgramTest : public testing::Test {
 protected:
  GetEnvironment getenv() const {
    return [this](const char* name) -> const char* {
      const auto found = environment_.find(name);
      return found == environment_.end() ? nullptr : found->second.c_str();
    };
  }
  Program compiled(ProgramOptions options) const {
    if (options.function.empty()) options.function = "f";
    auto program = Program::compile(std::move(options), getenv());
    if (!program) throw std::runtime_error(program.error().message);
    return *std::move(program);
  }
  std::string refusal(ProgramOptions options) const {
    if (options.function.empty()) options.function = "f";
    const auto program = Program::compile(std::move(options), getenv());
    return program ? "accepted" : program.error().message;
  }

  std::map<std::string, std::string> environment_{{"PATH", "/nonexistent:/usr/bin:/bin"}};
};

v1::Value value(const std::string& text) {
  v1::Value result;
  result.set_string_value(text);
  return result;
}

std::string named(const std::map<std::string, std::string>& values, const std::vector<std::string>& positional = {}) {
  v1::Arguments arguments;
  for (const std::string& each : positional) *arguments.add_positional() = value(each);
  for (const auto& [name, text] : values) (*arguments.mutable_keyword())[name] = value(text);
  return arguments.SerializeAsString();
}

std::string complaint(const Program& program, const std::string& arguments) {
  try {
    program.call(arguments);
  } catch (const ArgumentError& error) {
    return error.what();
  }
  return "accepted";
}

TEST_F(ProgramTest, ProgramIsFoundInPathAtTheStart) {
  const Program program = compiled({.command = {"sh", "-c", "true"}});
  EXPECT_THAT(program.call("").argv, ElementsAre(testing::AnyOf("/usr/bin/sh", "/bin/sh"), "-c", "true"));
  EXPECT_FALSE(program.has_input());
}

TEST_F(ProgramTest, EachArgumentStaysOneArgumentWhateverItsValue) {
  const Program program = compiled({.command = {"/bin/sh", "a{x}b{y}", "{x}", "--n={y}"}});
  const std::string nasty = "'; rm -rf \"$HOME\" *\n{y} \\";
  EXPECT_THAT(program.call(encode_arguments(nasty, std::string())).argv,
              ElementsAre("/bin/sh", "a" + nasty + "b", nasty, "--n="));
}

TEST_F(ProgramTest, DoubledBracesAreBraces) {
  const Program program = compiled({.command = {"/bin/sh", "{{}}", "{{{x}}}", "}}{{"}});
  EXPECT_THAT(program.call(encode_arguments(std::string("v"))).argv, ElementsAre("/bin/sh", "{}", "{v}", "}{"));
}

TEST_F(ProgramTest, ParametersAreInOrderOfFirstAppearanceCommandFirst) {
  const Program program = compiled(
      {.command = {"/bin/sh", "{b}{a}", "{b}"}, .standard_input = "{image}{a}", .output = ProgramOutput::kJson});
  EXPECT_EQ(program.signature(), "json(b, a, image)");
  const Program::Call call = program.call(encode_arguments(std::string("B"), std::string("A"), std::string("I")));
  EXPECT_THAT(call.argv, ElementsAre("/bin/sh", "BA", "B"));
  EXPECT_EQ(call.standard_input, "IA");
  EXPECT_EQ(program.call(named({{"image", "I"}, {"a", "A"}}, {"B"})).standard_input, "IA");
  EXPECT_TRUE(program.describe().is_alone);
}

TEST_F(ProgramTest, SimpleValuesBecomeTextInTheCommand) {
  const Program program = compiled({.command = {"/bin/sh", "{a}", "{b}", "{c}", "{d}", "{e}", "{f}"}});
  EXPECT_THAT(program.call(encode_arguments(true, -5, ~std::uint64_t{0}, 0.1, std::string("é"), Bytes{"\xff"})).argv,
              ElementsAre("/bin/sh", "true", "-5", "18446744073709551615", "0.1", "é", "\xff"));
}

TEST_F(ProgramTest, StandardInputTakesTextAndBytesAsTheyAreAndTheRestAsJson) {
  const Program program = compiled({.command = {"/bin/sh"}, .standard_input = "{x}\n"});
  EXPECT_EQ(program.call(encode_arguments(std::string("\"a\""))).standard_input, "\"a\"\n");
  EXPECT_EQ(program.call(encode_arguments(Bytes{std::string("\0\xff", 2)})).standard_input, std::string("\0\xff\n", 3));
  EXPECT_EQ(program.call(encode_arguments(std::vector<int>{1, 2})).standard_input, "[1,2]\n");
  EXPECT_EQ(program.call(encode_arguments(std::map<std::string, bool>{{"k", true}})).standard_input, "{\"k\":true}\n");
}

TEST_F(ProgramTest, WrongArgumentsAreNamedWithFunctionParameterExpectedAndGiven) {
  const Program program = compiled({.function = "resize", .command = {"/bin/sh", "{image}", "{size}"}});
  EXPECT_EQ(complaint(program, named({}, {"a"})), "resize: expected 2 arguments (image, size), got 1 without size");
  EXPECT_EQ(complaint(program, named({{"size", "a"}})),
            "resize: expected 2 arguments (image, size), got 1 without image");
  EXPECT_EQ(complaint(program, named({}, {"a", "b", "c"})), "resize: expected 2 arguments (image, size), got 3");
  EXPECT_EQ(complaint(program, named({{"colour", "a"}}, {"a"})),
            "resize: expected 2 arguments (image, size), got one named colour");
  EXPECT_EQ(complaint(program, named({{"image", "a"}}, {"a"})),
            "resize: argument image is given twice, by position and by name");
  EXPECT_EQ(complaint(program, encode_arguments(std::string("a"), std::vector<int>{1, 2})),
            "resize: argument size: expected text, bytes, a number or a bool, got a list of 2");
  EXPECT_THAT(complaint(program, encode_arguments(std::string("a"), std::string("a\0b", 3))),
              StartsWith("resize: argument size: expected text without NUL"));
  EXPECT_THAT(complaint(program, encode_arguments(std::string("a"), Bytes{std::string(1, '\0')})),
              StartsWith("resize: argument size: expected bytes without NUL"));
  EXPECT_THAT(complaint(program, "\xff"), StartsWith("resize: malformed: 1 bytes"));
}

TEST_F(ProgramTest, WhatFitsNoCommandLineIsRefused) {
  const Program program = compiled({.command = {"/bin/sh", "{x}"}});
  EXPECT_EQ(program.call(encode_arguments(std::string(131'071, 'x'))).argv.size(), 2U);
  EXPECT_THAT(complaint(program, encode_arguments(std::string(131'072, 'x'))),
              HasSubstr("has 131072 bytes, the limit"));
  ProgramOptions many{.command = {"/bin/sh"}};
  for (int i = 0; i < 10; ++i) many.command.emplace_back("{x}");
  EXPECT_THAT(complaint(compiled(many), encode_arguments(std::string(131'000, 'x'))),
              HasSubstr("the command line has"));
}

TEST_F(ProgramTest, OutputIsReadAsTheOptionsSay) {
  const auto output = [&](ProgramOutput kind, const std::string& text) {
    v1::Value result;
    EXPECT_TRUE(result.ParseFromString(compiled({.command = {"/bin/sh"}, .output = kind}).value_of(text)));
    return result;
  };
  EXPECT_EQ(output(ProgramOutput::kBytes, "\xff\n").bytes_value(), "\xff\n");
  EXPECT_EQ(output(ProgramOutput::kText, "é\n").string_value(), "é\n");
  EXPECT_EQ(output(ProgramOutput::kJson, " {\"a\": [1]}\n").map_value().entries().at("a").list_value().items_size(), 1);
  EXPECT_THROW(output(ProgramOutput::kText, "\xff"), ResultError);
  EXPECT_THROW(output(ProgramOutput::kJson, ""), ResultError);
  EXPECT_THROW(output(ProgramOutput::kJson, std::string(100'000, '[') + std::string(100'000, ']')), ResultError);
}

TEST_F(ProgramTest, BadOptionsAreRefusedWithTheirKey) {
  EXPECT_EQ(refusal({.command = {}}), "command: must name a program");
  EXPECT_EQ(refusal({.command = {""}}), "command: must name a program");
  EXPECT_EQ(refusal({.command = {"no-such-program"}}),
            "command: no program \"no-such-program\" in PATH (/nonexistent:/usr/bin:/bin)");
  EXPECT_THAT(refusal({.command = {"/etc/passwd"}}), StartsWith("command: no program /etc/passwd: "));
  EXPECT_THAT(refusal({.command = {"/tmp"}}), StartsWith("command: no program /tmp: "));
  EXPECT_EQ(refusal({.command = {"{program}"}}), "command: the program itself may have no placeholder");
  EXPECT_EQ(refusal({.command = {"sh", "a{}"}}),
            "command: argument 1, \"a{}\", at 2: a placeholder without a name; write \"{name}\"");
  EXPECT_THAT(refusal({.command = {"sh", "{a b}"}}), HasSubstr("at 1: \"a b\" is no name of a parameter"));
  EXPECT_THAT(refusal({.command = {"sh", "{1}"}}), HasSubstr("\"1\" is no name of a parameter"));
  EXPECT_THAT(refusal({.command = {"sh", "{a"}}), HasSubstr("\"{\" without \"}\""));
  EXPECT_THAT(refusal({.command = {"sh", "a}"}}), HasSubstr("at 2: \"}\" without \"{\""));
  EXPECT_EQ(refusal({.command = {"sh", std::string("\0", 1)}}), "command: argument 1 has a NUL byte");
  EXPECT_EQ(refusal({.command = {"sh"}, .standard_input = "{}"}),
            "stdin: at 1: a placeholder without a name; write \"{name}\"");
  EXPECT_EQ(refusal({.command = {"sh"}, .max_output = 0}), "max_output: must be at least 1");
  EXPECT_EQ(refusal({.command = {"sh"}, .timeout = core::Duration(0)}), "timeout: must be more than 0");
  EXPECT_EQ(refusal({.command = {"sh"}, .environment = {"=x"}}),
            "environment: \"=x\" is neither the name of a variable nor NAME=value");
  EXPECT_EQ(refusal({.command = {"sh"}, .directory = "/nonexistent"}), "directory: no directory /nonexistent");
  EXPECT_THAT(refusal({.function = "a b", .command = {"sh"}}), StartsWith("function: \"a b\" is no name"));
}

TEST_F(ProgramTest, EnvironmentIsOnlyWhatIsAllowed) {
  environment_["SECRET"] = "x";
  environment_["LANG"] = "C";
  EXPECT_THAT(compiled({.command = {"sh"}}).environment(), ElementsAre("PATH=" + environment_["PATH"], "LANG=C"));
  EXPECT_THAT(compiled({.command = {"sh"}, .environment = {}}).environment(), IsEmpty());
  EXPECT_THAT(compiled({.command = {"sh"}, .environment = {"LANG", "ABSENT", "A=b=c", "E=", "LANG=de"}}).environment(),
              ElementsAre("A=b=c", "E=", "LANG=de"));
}

}  // namespace
}  // namespace futured::exec
