#include "server/http/error_json.h"

#include <google/protobuf/any.pb.h>
#include <google/protobuf/duration.pb.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "server/http/error_details.h"

namespace futured::http {
namespace {

using namespace std::chrono_literals;

std::string header_of(const Response& response, const std::string& name) {
  const auto found = std::ranges::find(response.headers, name, &std::pair<std::string, std::string>::first);
  return found == response.headers.end() ? "" : found->second;
}

// A google.rpc.Status with one detail, as bytes.
std::string status_with(const google::protobuf::Any& detail) {
  const std::string bytes = detail.SerializeAsString();
  return std::string("\x08\x05\x12\x03why\x1a") + static_cast<char>(bytes.size()) + bytes;
}

TEST(ErrorJsonTest, CodesHaveTheStatusOfTheApiGuide) {
  const std::pair<int, unsigned> expected[] = {{0, 200},  {1, 499},  {2, 500},  {3, 400},  {4, 504},  {5, 404},
                                               {6, 409},  {7, 403},  {8, 429},  {9, 400},  {10, 409}, {11, 400},
                                               {12, 501}, {13, 500}, {14, 503}, {15, 500}, {16, 401}};
  for (const auto& [code, status] : expected) EXPECT_EQ(status_of(code), status) << code;
}

TEST(ErrorJsonTest, ErrorIsAnObjectOfCodeMessageAndDetails) {
  const Response response = error_response({.code = 5, .message = "future is unknown"});
  EXPECT_EQ(response.status, 404U);
  EXPECT_EQ(nlohmann::json::parse(response.body),
            nlohmann::json::parse(R"({"code": 5, "message": "future is unknown", "details": []})"));
  EXPECT_EQ(header_of(response, "Retry-After"), "");
}

TEST(ErrorJsonTest, ReasonDecidesTheStatusAndIsADetail) {
  const Response response = error_response(core::Reason::kFutureUnknown, "future is unknown");
  EXPECT_EQ(response.status, 404U);
  EXPECT_EQ(nlohmann::json::parse(response.body), nlohmann::json::parse(R"({"code": 5, "message": "future is unknown",
      "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "FUTURE_UNKNOWN",
                   "domain": "futured"}]})"));
}

TEST(ErrorJsonTest, DelayIsRoundedUpToSeconds) {
  const Response response = error_response({.code = 8, .message = "full", .retry_delay = 1001ms});
  EXPECT_EQ(header_of(response, "Retry-After"), "2");
}

TEST(ErrorJsonTest, WhoDidNotSayWhoHeIsIsToldHow) {
  EXPECT_EQ(header_of(error_response({.code = 16, .message = "who are you?"}), "WWW-Authenticate"), "Bearer");
}

TEST(ErrorJsonTest, TextThatIsNoUtf8IsShownNevertheless) {
  const Response response = error_response({.code = 3, .message = "\xff"});
  EXPECT_EQ(nlohmann::json::parse(response.body)["message"], "\xef\xbf\xbd");
}

TEST(ErrorJsonTest, DetailsAreShownByTheirType) {
  google::protobuf::Duration duration;
  duration.set_seconds(3);
  google::protobuf::Any detail;
  detail.PackFrom(duration);
  const auto details = details_as_json(status_with(detail));
  ASSERT_EQ(details.size(), 1U);
  EXPECT_EQ(details[0]["@type"], "type.googleapis.com/google.protobuf.Duration");
  EXPECT_EQ(details[0]["value"], "3s");
}

TEST(ErrorJsonTest, DetailOfAnUnknownTypeIsNamed) {
  google::protobuf::Any detail;
  detail.set_type_url("type.googleapis.com/example.Unknown");
  const auto details = details_as_json(status_with(detail));
  ASSERT_EQ(details.size(), 1U);
  EXPECT_EQ(details[0], (nlohmann::json{{"@type", "type.googleapis.com/example.Unknown"}}));
}

TEST(ErrorJsonTest, NonsenseHasNoDetails) {
  EXPECT_TRUE(details_as_json("").empty());
  EXPECT_TRUE(details_as_json("\xff\xff\xff").empty());
}

}  // namespace
}  // namespace futured::http
