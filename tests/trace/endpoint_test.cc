#include "server/trace/endpoint.h"

#include <gmock/gmock.h>

namespace futured::trace {
namespace {

using ::testing::HasSubstr;

TEST(EndpointTest, UrlsAreTakenApart) {
  struct Case {
    const char* url;
    const char* host;
    const char* port;
    const char* target;
    const char* authority;
  };
  const Case cases[] = {
      {"http://127.0.0.1:4318", "127.0.0.1", "4318", "/v1/traces", "127.0.0.1:4318"},
      {"http://collector", "collector", "4318", "/v1/traces", "collector:4318"},
      {"http://collector:80/", "collector", "80", "/v1/traces", "collector:80"},
      {"http://collector:80/otlp//", "collector", "80", "/otlp/v1/traces", "collector:80"},
      {"http://[::1]:4318/a/b", "::1", "4318", "/a/b/v1/traces", "[::1]:4318"},
      {"http://[::1]", "::1", "4318", "/v1/traces", "[::1]:4318"},
  };
  for (const Case& each : cases) {
    const auto endpoint = parse_endpoint(each.url);
    ASSERT_TRUE(endpoint) << each.url;
    EXPECT_EQ(endpoint->host, each.host);
    EXPECT_EQ(endpoint->port, each.port);
    EXPECT_EQ(endpoint->target, each.target);
    EXPECT_EQ(endpoint->authority(), each.authority);
  }
}

TEST(EndpointTest, OtherUrlsAreRefused) {
  for (const char* url : {"", "127.0.0.1:4318", "grpc://a:4317", "http://", "http://:4318", "http://a:0", "http://a:",
                          "http://a:65536", "http://a:4x", "http://a b:1", "http://a:1/?x=1", "http://a\n:1"}) {
    EXPECT_FALSE(parse_endpoint(url)) << url;
  }
  EXPECT_THAT(parse_endpoint("https://a:4318").error(), HasSubstr("needs TLS"));
}

TEST(EndpointTest, SecretInAUrlIsNotRepeated) {
  const auto endpoint = parse_endpoint("http://user:hunter2@a:4318");
  ASSERT_FALSE(endpoint);
  EXPECT_THAT(endpoint.error(), ::testing::Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace futured::trace
