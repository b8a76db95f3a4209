#include "server/rpc/task_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <tuple>

namespace futured::rpc {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace std::chrono_literals;

core::TaskPolicy policy_of(const v1::TaskOptions& options) {
  const auto read = to_core("options", options);
  EXPECT_TRUE(read) << read.error().message;
  return read && read->policy != nullptr ? *read->policy : core::TaskPolicy();
}

TEST(TaskOptionsTest, DefaultsNeedNoPolicy) {
  v1::TaskOptions options;
  options.set_executor("cpu");
  options.mutable_retry()->set_max_attempts(1);
  options.mutable_retry()->set_factor(2);
  const auto read = to_core("options", options);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, core::TaskOptions());
  EXPECT_EQ(read->policy, nullptr);
}

TEST(TaskOptionsTest, DefaultsAreShownAsNothing) {
  core::TaskOptions options;
  EXPECT_EQ(to_proto(options).ByteSizeLong(), 0U);
  options.policy = std::make_shared<const core::TaskPolicy>();
  EXPECT_EQ(to_proto(options).ByteSizeLong(), 0U);
}

TEST(TaskOptionsTest, WhatIsShownIsReadAsTheSame) {
  const core::TaskPolicy policy{.at_most_once = true,
                                .ephemeral = true,
                                .priority = -7,
                                .expires = 1500ms,
                                .not_before = core::WallTime(2'000'000'000'000'000'007ns),
                                .retry_delay = 2s,
                                .max_retry_delay = 1min,
                                .retry_factor = 1001,
                                .retry_jitter = 0,
                                .retry_on = {"worker", "E"},
                                .labels = {{"a", "b"}},
                                .trace = core::SharedTrace({{1, 2}, 3, true, "vendor=1"})};
  const core::TaskOptions options{3s, 0s, std::make_shared<const core::TaskPolicy>(policy)};
  const auto read = to_core("options", to_proto(options));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, options);
}

TEST(TaskOptionsTest, MalformedTraceIsIgnored) {
  v1::TaskOptions options;
  options.set_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331");
  options.set_tracestate("vendor=1");
  const auto read = to_core("options", options);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, core::TaskOptions());
}

TEST(TaskOptionsTest, EachIsRead) {
  v1::TaskOptions options;
  options.mutable_timeout()->set_seconds(3);
  options.mutable_retention()->set_seconds(4);
  options.mutable_expires()->set_seconds(5);
  options.mutable_delay()->set_nanos(6);
  options.mutable_not_before()->set_seconds(2'000'000'000);
  options.mutable_not_before()->set_nanos(7);
  options.set_priority(-100);
  (*options.mutable_labels())["z/key"] = "";
  (*options.mutable_labels())["a"] = "b=c";
  options.set_ephemeral(true);
  v1::Retry& retry = *options.mutable_retry();
  retry.set_max_attempts(1000);
  retry.mutable_delay()->set_seconds(8);
  retry.mutable_max_delay()->set_seconds(9);
  retry.set_factor(1.5);
  retry.set_jitter(0);
  retry.add_on("ValueError");
  const auto read = to_core("options", options);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->timeout, 3s);
  EXPECT_EQ(read->retention, 4s);
  const core::TaskPolicy expected{.ephemeral = true,
                                  .priority = -100,
                                  .expires = 5s,
                                  .not_before = core::WallTime(2'000'000'000s + 7ns),
                                  .delay = 6ns,
                                  .max_attempts = 1000,
                                  .retry_delay = 8s,
                                  .max_retry_delay = 9s,
                                  .retry_factor = 1500,
                                  .retry_jitter = 0,
                                  .retry_on = {"ValueError"},
                                  .labels = {{"a", "b=c"}, {"z/key", ""}}};
  EXPECT_EQ(*read->policy, expected);
}

TEST(TaskOptionsTest, AtMostOnceIsRead) {
  v1::TaskOptions options;
  options.set_at_most_once(true);
  EXPECT_TRUE(policy_of(options).at_most_once);
}

// What is wrong, where, and what the message says of it.
using Bad = std::tuple<std::string, void (*)(v1::TaskOptions&), std::string>;

class BadTaskOptionsTest : public ::testing::TestWithParam<Bad> {};

TEST_P(BadTaskOptionsTest, IsRefusedWithItsFieldAndTheLimit) {
  const auto& [field, spoil, what] = GetParam();
  v1::TaskOptions options;
  spoil(options);
  const auto read = to_core("options", options);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().reason, core::Reason::kFieldInvalid);
  EXPECT_THAT(read.error().message, StartsWith("options." + field + ": "));
  EXPECT_THAT(read.error().message, HasSubstr(what));
}

const Bad kBad[] = {
    {"timeout", [](v1::TaskOptions& o) { o.mutable_timeout()->set_seconds(-1); }, "no duration from 0 on"},
    {"retention", [](v1::TaskOptions& o) { o.mutable_retention()->set_nanos(-1); }, "no duration from 0 on"},
    {"expires", [](v1::TaskOptions& o) { o.mutable_expires()->set_seconds(-1); }, "no duration from 0 on"},
    {"delay", [](v1::TaskOptions& o) { o.mutable_delay()->set_seconds(-1); }, "no duration from 0 on"},
    {"not_before", [](v1::TaskOptions& o) { o.mutable_not_before()->set_seconds(-1); }, "years 1970 to 2200"},
    {"not_before", [](v1::TaskOptions& o) { o.mutable_not_before()->set_seconds(7'289'654'401); }, "1970 to 2200"},
    {"not_before", [](v1::TaskOptions& o) { o.mutable_not_before()->set_nanos(1'000'000'000); }, "1970 to 2200"},
    {"priority", [](v1::TaskOptions& o) { o.set_priority(101); }, "101 is not from -100 to 100"},
    {"priority", [](v1::TaskOptions& o) { o.set_priority(std::numeric_limits<int>::min()); }, "-100 to 100"},
    {"retry.max_attempts", [](v1::TaskOptions& o) { o.mutable_retry()->set_max_attempts(1001); },
     "1001 is not from 1 to 1000"},
    {"retry.delay", [](v1::TaskOptions& o) { o.mutable_retry()->mutable_delay()->set_seconds(-1); }, "from 0 on"},
    {"retry.max_delay", [](v1::TaskOptions& o) { o.mutable_retry()->mutable_max_delay()->set_seconds(-1); }, "from 0"},
    {"retry.factor", [](v1::TaskOptions& o) { o.mutable_retry()->set_factor(0.5); }, "not from 1 to 100"},
    {"retry.factor", [](v1::TaskOptions& o) { o.mutable_retry()->set_factor(101); }, "not from 1 to 100"},
    {"retry.factor", [](v1::TaskOptions& o) { o.mutable_retry()->set_factor(std::nan("")); }, "not from 1 to 100"},
    {"retry.jitter", [](v1::TaskOptions& o) { o.mutable_retry()->set_jitter(-0.1); }, "not from 0 to 1"},
    {"retry.jitter", [](v1::TaskOptions& o) { o.mutable_retry()->set_jitter(std::nan("")); }, "not from 0 to 1"},
    {"retry.on",
     [](v1::TaskOptions& o) {
       for (int i = 0; i < 33; ++i) o.mutable_retry()->add_on("E");
     },
     "33 entries, the limit is 32"},
    {"retry.on[1]",
     [](v1::TaskOptions& o) {
       o.mutable_retry()->add_on("E");
       o.mutable_retry()->add_on("");
     },
     "1 to 128 characters"},
    {"retry.on[0]", [](v1::TaskOptions& o) { o.mutable_retry()->add_on(std::string(129, 'e')); }, "1 to 128"},
    {"labels",
     [](v1::TaskOptions& o) {
       for (int i = 0; i < 33; ++i) (*o.mutable_labels())[std::to_string(i)] = "";
     },
     "33 labels, the limit is 32"},
    {"labels", [](v1::TaskOptions& o) { (*o.mutable_labels())["a b"] = ""; }, "\"a b\" is no key"},
    {"labels", [](v1::TaskOptions& o) { (*o.mutable_labels())[""] = ""; }, "1 to 64 characters"},
    {"labels", [](v1::TaskOptions& o) { (*o.mutable_labels())[std::string(65, 'k')] = ""; }, "1 to 64 characters"},
    {"labels[\"key\"]", [](v1::TaskOptions& o) { (*o.mutable_labels())["key"] = std::string(257, 'v'); },
     "257 bytes, the limit is 256"},
    {"at_most_once",
     [](v1::TaskOptions& o) {
       o.set_at_most_once(true);
       o.mutable_retry()->set_max_attempts(2);
     },
     "retry.max_attempts is 2"},
};

INSTANTIATE_TEST_SUITE_P(All, BadTaskOptionsTest, ::testing::ValuesIn(kBad));

}  // namespace
}  // namespace futured::rpc
