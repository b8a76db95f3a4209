#include "server/trace/otlp_json.h"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/manual_time.h"
#include "tests/trace/a_span.h"

namespace futured::trace {
namespace {

using nlohmann::json;
using testing::a_span;

class OtlpJsonTest : public ::testing::Test {
 protected:
  json encoded(const core::Span& span) const {
    return json::parse(to_json({&span, 1}, {"my-service", "1.2.3"}, time_)).at("resourceSpans").at(0);
  }
  json span_of(const core::Span& span) const { return encoded(span).at("scopeSpans").at(0).at("spans").at(0); }
  static std::map<std::string, std::string> attributes(const json& span) {
    std::map<std::string, std::string> all;
    for (const json& each : span.at("attributes")) all[each.at("key")] = each.at("value").begin().value();
    return all;
  }

  testing::ManualTime time_;
};

TEST_F(OtlpJsonTest, SpanIsWrittenAsTheSpecificationHasIt) {
  const json span = span_of(a_span(0x1122334455667788, time_.now() - std::chrono::seconds(1)));
  EXPECT_EQ(span.at("traceId"), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(span.at("spanId"), "1122334455667788");
  EXPECT_EQ(span.at("parentSpanId"), "b7ad6b7169203331");
  EXPECT_EQ(span.at("traceState"), "vendor=1");
  EXPECT_EQ(span.at("name"), "run math.is_prime");
  EXPECT_EQ(span.at("kind"), 5);
  EXPECT_EQ(span.at("startTimeUnixNano"), "999999999000000000");
  EXPECT_EQ(span.at("endTimeUnixNano"), "999999999250000000");
  EXPECT_FALSE(span.contains("status"));
  const std::map<std::string, std::string> expected{{"futured.future", "01234567-89ab-8cde-8f01-000000000001"},
                                                    {"futured.function", "math.is_prime"},
                                                    {"futured.executor", "thread"},
                                                    {"futured.attempt", "2"},
                                                    {"futured.worker", "thread-3"},
                                                    {"futured.outcome", "succeeded"}};
  EXPECT_EQ(attributes(span), expected);
}

TEST_F(OtlpJsonTest, ServiceIsNamed) {
  const json attributes = encoded(a_span()).at("resource").at("attributes");
  EXPECT_EQ(attributes.at(0).at("key"), "service.name");
  EXPECT_EQ(attributes.at(0).at("value").at("stringValue"), "my-service");
  EXPECT_EQ(attributes.at(1).at("value").at("stringValue"), "1.2.3");
}

TEST_F(OtlpJsonTest, FailureTellsItsTypeAndWhoIsToBlame) {
  core::Span span = a_span();
  span.outcome = core::State::kFailed;
  span.error_type = "Value\xff";
  span.error_origin = core::Origin::kWorker;
  const json encoded = span_of(span);
  EXPECT_EQ(encoded.at("status").at("code"), 2);
  const auto all = attributes(encoded);
  EXPECT_EQ(all.at("futured.outcome"), "failed");
  EXPECT_EQ(all.at("error.type"), "Value\xef\xbf\xbd");
  EXPECT_EQ(all.at("futured.error.origin"), "worker");
}

TEST_F(OtlpJsonTest, RootHasNoParent) {
  core::Span span = a_span();
  span.kind = core::Span::Kind::kTask;
  span.id = span.trace->parent;
  const json encoded = span_of(span);
  EXPECT_FALSE(encoded.contains("parentSpanId"));
  EXPECT_EQ(encoded.at("name"), "task math.is_prime");
}

TEST_F(OtlpJsonTest, KindsHaveNames) {
  core::Span span = a_span();
  const std::map<core::Span::Kind, std::string> names{
      {core::Span::Kind::kQueue, "queue math.is_prime"},
      {core::Span::Kind::kStoreSubmission, "store submission math.is_prime"},
      {core::Span::Kind::kStoreOutcome, "store outcome math.is_prime"}};
  for (const auto& [kind, name] : names) {
    span.kind = kind;
    EXPECT_EQ(span_of(span).at("name"), name);
    EXPECT_EQ(span_of(span).at("kind"), 1);
  }
}

}  // namespace
}  // namespace futured::trace
