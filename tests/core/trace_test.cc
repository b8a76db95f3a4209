#include "server/core/trace.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/core/task_options.h"

namespace futured::core {
namespace {

constexpr const char* kGood = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(TraceTest, TraceparentIsRead) {
  const auto trace = parse_trace(kGood, "vendor=1,other=2");
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->trace, (TraceId{0x0af7651916cd43dd, 0x8448eb211c80319c}));
  EXPECT_EQ(trace->parent, 0xb7ad6b7169203331U);
  EXPECT_TRUE(trace->sampled);
  EXPECT_EQ(trace->state, "vendor=1,other=2");
  EXPECT_EQ(to_hex(trace->trace), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(to_hex(trace->parent), "b7ad6b7169203331");
}

TEST(TraceTest, WhatIsReadIsWrittenAgain) {
  const std::string zeros(15, '0');
  const std::vector<std::string> texts{kGood, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
                                       "00-" + zeros + zeros + "01-" + zeros + "1-01"};
  for (const std::string& text : texts) EXPECT_EQ(traceparent_of(parse_trace(text, "").value()), text);
}

TEST(TraceTest, FlagsOtherThanSampledAreNotHandedOn) {
  const auto trace = parse_trace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff", "");
  ASSERT_TRUE(trace);
  EXPECT_EQ(traceparent_of(*trace), kGood);
  EXPECT_FALSE(parse_trace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-fe", "")->sampled);
}

TEST(TraceTest, LaterVersionsAreReadAsFarAsTheyAreKnown) {
  const std::string rest = std::string(kGood).substr(2);
  for (const std::string& text : {"01" + rest, "cc" + rest + "-what the future brings", "fe" + rest + "-"}) {
    const auto trace = parse_trace(text, "");
    ASSERT_TRUE(trace) << text;
    EXPECT_EQ(traceparent_of(*trace), kGood);
  }
}

TEST(TraceTest, MalformedOnesAreNone) {
  const std::string good = kGood;
  const std::vector<std::string> texts{
      "",
      "00",
      "00-",
      good.substr(0, 54),
      // The first version has nothing behind, later ones have it behind a dash.
      good + "-",
      good + "-00",
      "01" + good.substr(2) + "00",
      "01" + good.substr(2) + ".00",
      // Versions.
      "ff" + good.substr(2),
      "0g" + good.substr(2),
      "0-" + good.substr(2),
      // Only lower case.
      "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      "00-0af7651916cd43dd8448eb211c80319c-B7ad6b7169203331-01",
      // No hexadecimal digits.
      "00-0af7651916cd43dd8448eb211c80319z-b7ad6b7169203331-01",
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333.-01",
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0x",
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-+1",
      // Nobody's.
      "00-00000000000000000000000000000000-b7ad6b7169203331-01",
      "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
      // Dashes elsewhere.
      "00.0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331 01",
      "00-0af7651916cd43dd8448eb211c80319-cb7ad6b7169203331-01",
      " " + good,
      good + " ",
      std::string(55, '\0'),
  };
  for (const std::string& text : texts) EXPECT_FALSE(parse_trace(text, "vendor=1")) << text;
}

TEST(TraceTest, TracestateIsKeptAsItIsOrNotAtAll) {
  const std::string longest(kLongestTracestate, 'x');
  for (const std::string& state : {std::string(), std::string("a=1,\tb=2 ;~"), longest}) {
    EXPECT_EQ(parse_trace(kGood, state)->state, state);
  }
  for (const std::string& state :
       {longest + "x", std::string("a=1\nb=2"), std::string("a=\xc3\xbc"), std::string(1, '\0')}) {
    const auto trace = parse_trace(kGood, state);
    ASSERT_TRUE(trace);
    EXPECT_EQ(trace->state, "");
  }
}

TEST(TraceTest, SharedOnesAreEqualIfTheySayTheSame) {
  const SharedTrace none;
  const SharedTrace one(*parse_trace(kGood, "a=1"));
  EXPECT_FALSE(none);
  EXPECT_EQ(one, SharedTrace(*parse_trace(kGood, "a=1")));
  EXPECT_FALSE(one == SharedTrace(*parse_trace(kGood, "a=2")));
  EXPECT_FALSE(one == none);
  EXPECT_EQ(none, SharedTrace());
}

TEST(TraceTest, OptionsAskTheSameWhateverTheirTraces) {
  const SharedTrace trace(*parse_trace(kGood, ""));
  const SharedTrace other(*parse_trace(kGood, "a=1"));
  TaskOptions urgent;
  urgent.policy = std::make_shared<const TaskPolicy>(TaskPolicy{.priority = 3});
  EXPECT_TRUE(ask_the_same({}, with_trace({}, trace)));
  EXPECT_TRUE(ask_the_same(with_trace({}, other), with_trace({}, trace)));
  EXPECT_TRUE(ask_the_same(with_trace(urgent, trace), urgent));
  EXPECT_FALSE(ask_the_same(with_trace(urgent, trace), with_trace({}, trace)));
  EXPECT_FALSE(ask_the_same(urgent, {}));
}

TEST(TraceTest, OptionsKeepTheTraceThatTheyName) {
  const SharedTrace trace(*parse_trace(kGood, ""));
  const TaskOptions named = with_trace({}, SharedTrace(*parse_trace(kGood, "a=1")));
  EXPECT_EQ(with_trace(named, trace), named);
  EXPECT_EQ(with_trace(named, {}), named);
  EXPECT_EQ(with_trace({}, {}), TaskOptions());
}

}  // namespace
}  // namespace futured::core
