// The trace that a call is part of.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "tests/client/daemon.h"

namespace futured::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::Each;

constexpr const char* kTrace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr const char* kOther = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-00";

// A daemon without a collector hands on what it was told.
class TraceTest : public ::testing::Test {
 public:
  ~TraceTest() override { set_trace_source(nullptr); }

 protected:
  std::string told(const CallOptions& options = {}) { return executor.with(options).submit(trace).result(20s); }

  Daemon daemon;
  Executor executor{daemon.address()};
};

TEST_F(TraceTest, FunctionIsToldWhatTheOptionsSay) {
  EXPECT_EQ(told({.traceparent = kTrace}), std::string(kTrace) + " ");
  EXPECT_EQ(told({.traceparent = kOther, .tracestate = "vendor=1"}), std::string(kOther) + " vendor=1");
  EXPECT_EQ(told(), " ");
}

TEST_F(TraceTest, FunctionIsToldWhatTheSourceSays) {
  set_trace_source([] { return std::string(kTrace); });
  EXPECT_EQ(executor.submit(trace).result(20s), std::string(kTrace) + " ");
  EXPECT_EQ(told({.priority = 3}), std::string(kTrace) + " ");
  EXPECT_EQ(told({.traceparent = kOther}), std::string(kOther) + " ");
  set_trace_source(nullptr);
  EXPECT_EQ(executor.submit(trace).result(20s), " ");
}

TEST_F(TraceTest, SourceIsAskedOnTheThreadOfEachCall) {
  thread_local std::string current;
  set_trace_source([] { return current; });
  for (const char* span : {kTrace, kOther, "", kTrace}) {
    current = span;
    EXPECT_EQ(executor.submit(trace).result(20s), current + " ");
  }
}

TEST_F(TraceTest, CallsOfAMapArePartOfIt) {
  set_trace_source([] { return std::string(kTrace); });
  std::vector<Future<std::string>> futures;
  for (int i = 0; i < 100; ++i) futures.push_back(executor.submit(trace));
  std::vector<std::string> all;
  for (const auto& future : futures) all.push_back(future.result(20s));
  EXPECT_THAT(all, Each(std::string(kTrace) + " "));
}

TEST_F(TraceTest, WhatIsMalformedIsIgnored) {
  for (const char* bad : {"nonsense", "\xff\xfe", "a\nb"}) {
    EXPECT_EQ(told({.traceparent = bad}), " ");
    set_trace_source([bad] { return std::string(bad); });
    EXPECT_EQ(executor.submit(trace).result(20s), " ");
    set_trace_source(nullptr);
  }
  EXPECT_EQ(told({.traceparent = kTrace, .tracestate = "\xff"}), std::string(kTrace) + " ");
}

TEST_F(TraceTest, WhatTheSourceThrowsGoesThrough) {
  set_trace_source([]() -> std::string { throw std::logic_error("no"); });
  EXPECT_THROW((void)executor.submit(trace), std::logic_error);
}

}  // namespace
}  // namespace futured::testing
