#include "examples/plugin/url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace examples {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

void expect_refused(const std::string& url, const std::string& reason) {
  try {
    parse_http_url(url);
    ADD_FAILURE() << url << " is accepted";
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), AllOf(StartsWith(url + ": "), HasSubstr(reason)));
  }
}

TEST(HttpUrl, HasTheDefaultPortAndTheRootPath) {
  const HttpUrl url = parse_http_url("http://example.org");
  EXPECT_EQ(url.host, "example.org");
  EXPECT_EQ(url.port, "80");
  EXPECT_EQ(url.authority, "example.org");
  EXPECT_EQ(url.target, "/");
}

TEST(HttpUrl, KeepsPathAndQueryEncodedAndDropsTheFragment) {
  const HttpUrl url = parse_http_url("HTTP://localhost:8080/a%20b?c=d%26#e");
  EXPECT_EQ(url.port, "8080");
  EXPECT_EQ(url.authority, "localhost:8080");
  EXPECT_EQ(url.target, "/a%20b?c=d%26");
}

TEST(HttpUrl, TakesAQueryWithoutAPath) { EXPECT_EQ(parse_http_url("http://host?a=b").target, "/?a=b"); }

TEST(HttpUrl, LooksUpAnIpv6AddressWithoutItsBrackets) {
  const HttpUrl url = parse_http_url("http://[::1]:8080/");
  EXPECT_EQ(url.host, "::1");
  EXPECT_EQ(url.authority, "[::1]:8080");
}

TEST(HttpUrl, RefusesWhatItCannotFetchAndSaysWhy) {
  expect_refused("", "not a URL");
  expect_refused("localhost", "not a URL");
  expect_refused("/path", "not a URL");
  expect_refused("http://host/a b", "not a URL");
  expect_refused("http://host/\r\nHost: other", "not a URL");
  expect_refused("https://host/", "https");
  expect_refused("file:///path", "file");
  expect_refused("http:///path", "no host");
  expect_refused("http://me@host/", "user name");
  expect_refused("http://host:99999/", "no port 99999");
}

}  // namespace
}  // namespace examples
