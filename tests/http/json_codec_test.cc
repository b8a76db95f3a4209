#include "server/http/json_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "futured/v1/future_service.pb.h"

namespace futured::http {
namespace {

using ::testing::HasSubstr;

TEST(JsonCodecTest, ThereAndBack) {
  const std::string text = R"({"ids":["a"],"returnWhen":"RETURN_WHEN_ALL_COMPLETED","timeout":"1.500s"})";
  const auto bytes = from_json(*v1::WaitRequest::descriptor(), text);
  ASSERT_TRUE(bytes) << bytes.error();
  v1::WaitRequest request;
  ASSERT_TRUE(request.ParseFromString(*bytes));
  EXPECT_EQ(request.timeout().nanos(), 500'000'000);
  EXPECT_EQ(to_json(*v1::WaitRequest::descriptor(), *bytes), text);
}

TEST(JsonCodecTest, EmptyTextIsAnEmptyMessage) { EXPECT_EQ(from_json(*v1::ListRequest::descriptor(), ""), ""); }

TEST(JsonCodecTest, UnknownFieldIsRefused) {
  const auto bytes = from_json(*v1::GetRequest::descriptor(), R"({"colour": 1})");
  ASSERT_FALSE(bytes);
  EXPECT_THAT(bytes.error(), HasSubstr("no GetRequest in JSON"));
  EXPECT_THAT(bytes.error(), HasSubstr("colour"));
}

// {"list_value": {"items": [ … ]}} many times.
TEST(JsonCodecTest, DepthIsLimited) {
  std::string text = R"({"tasks":[{"arguments":{"positional":[)";
  for (int i = 0; i < 1000; ++i) text += R"({"listValue":{"items":[)";
  for (int i = 0; i < 1000; ++i) text += "]}}";
  EXPECT_FALSE(from_json(*v1::SubmitRequest::descriptor(), text + "]}}]}"));
}

TEST(JsonCodecTest, MessageOfAnUnknownTypeCannotBeShown) {
  v1::ResultResponse response;
  response.mutable_outcome()->mutable_value()->mutable_message_value()->set_type_url("type.googleapis.com/a.Stranger");
  response.mutable_outcome()->mutable_value()->mutable_message_value()->set_value("\b\1");
  const auto text = to_json(*v1::ResultResponse::descriptor(), response.SerializeAsString());
  ASSERT_FALSE(text);
  EXPECT_THAT(text.error(), HasSubstr("cannot be shown in JSON"));
}

}  // namespace
}  // namespace futured::http
