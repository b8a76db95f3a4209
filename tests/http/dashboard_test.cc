#include "server/http/dashboard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

#include "tests/http/fakes.h"

namespace futured::http {
namespace {

using testing::FakeClient;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

constexpr std::array kFiles{
    DashboardFile{"/assets/app.js", "text/javascript; charset=utf-8", "run()", "\"1\""},
    DashboardFile{"/", "text/html; charset=utf-8", "<meta content=\"@FUTURED_TOKEN@\">", "\"2\""}};

Response ask(Dashboard& dashboard, const std::string& path, const std::string& known = "") {
  auto client = std::make_shared<FakeClient>();
  Request request;
  request.method = "GET";
  request.path = path;
  if (!known.empty()) request.headers.emplace_back("if-none-match", known);
  dashboard.handle(std::move(request), client);
  return client->answer.value();
}

std::string header_of(const Response& response, const std::string& name) {
  const auto found = std::ranges::find(response.headers, name, &std::pair<std::string, std::string>::first);
  return found == response.headers.end() ? "" : found->second;
}

TEST(DashboardTest, PageCarriesTheTokenAndIsNotKept) {
  Dashboard dashboard(kFiles, "abc");
  EXPECT_THAT(dashboard.paths(), UnorderedElementsAre("/", "/assets/app.js"));
  const Response page = ask(dashboard, "/");
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(page.body, "<meta content=\"abc\">");
  EXPECT_EQ(header_of(page, "ETag"), "");
  EXPECT_EQ(header_of(page, "Cache-Control"), "");
}

TEST(DashboardTest, FileIsSentOnceToWhoKeepsIt) {
  Dashboard dashboard(kFiles, "abc");
  const Response file = ask(dashboard, "/assets/app.js");
  EXPECT_EQ(file.status, 200U);
  EXPECT_EQ(file.content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(file.body, "run()");
  EXPECT_EQ(header_of(file, "ETag"), "\"1\"");
  EXPECT_EQ(header_of(file, "Cache-Control"), "no-cache");
  for (const char* known : {"\"1\"", "\"0\", W/\"1\"", "*"}) {
    const Response again = ask(dashboard, "/assets/app.js", known);
    EXPECT_EQ(again.status, 304U) << known;
    EXPECT_EQ(again.body, "");
    EXPECT_EQ(header_of(again, "ETag"), "\"1\"");
  }
  EXPECT_EQ(ask(dashboard, "/assets/app.js", "\"2\"").status, 200U);
}

TEST(DashboardTest, WithoutFilesThePageSaysHowToGetThem) {
  Dashboard dashboard({}, "abc");
  EXPECT_THAT(dashboard.paths(), UnorderedElementsAre("/"));
  const Response page = ask(dashboard, "/");
  EXPECT_EQ(page.status, 200U);
  EXPECT_THAT(page.body, HasSubstr("built without its dashboard"));
  EXPECT_THAT(page.body, HasSubstr("npm"));
}

}  // namespace
}  // namespace futured::http
