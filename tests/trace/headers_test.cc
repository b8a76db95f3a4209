#include "server/trace/headers.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/support/temporary_directory.h"

namespace futured::trace {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class HeadersTest : public ::testing::Test {
 protected:
  tl::expected<Headers, std::string> read(const std::string& text, mode_t mode = 0600) {
    std::ofstream(file_) << text;
    ::chmod(file_.c_str(), mode);
    return read_headers(file_);
  }

  testing::TemporaryDirectory directory_;
  const std::string file_ = directory_.path() + "/headers";
};

TEST_F(HeadersTest, LinesAreHeaders) {
  const auto headers = read("# for the collector\n\nAuthorization: Bearer a:b=c\r\n  X-Scope :  tenant 1 \nEmpty:\n");
  ASSERT_TRUE(headers);
  EXPECT_EQ(*headers, (Headers{{"Authorization", "Bearer a:b=c"}, {"X-Scope", "tenant 1"}, {"Empty", ""}}));
}

TEST_F(HeadersTest, BrokenLinesAreNamedAndNotRepeated) {
  for (const char* line : {"hunter2", ": hunter2", "A B: hunter2", "A: hunter2\x01"}) {
    const auto headers = read("A: 1\n" + std::string(line) + "\n");
    ASSERT_FALSE(headers) << line;
    EXPECT_THAT(headers.error(), AllOf(HasSubstr(file_ + ": line 2"), Not(HasSubstr("hunter2"))));
  }
}

TEST_F(HeadersTest, OthersMayNotReadIt) {
  for (const mode_t mode : {0640U, 0604U, 0620U}) {
    const auto headers = read("A: 1\n", mode);
    ASSERT_FALSE(headers);
    EXPECT_THAT(headers.error(), AllOf(HasSubstr(file_), HasSubstr("chmod 600")));
  }
}

TEST_F(HeadersTest, WhatIsNoFileIsNamed) {
  EXPECT_THAT(read_headers(file_).error(), HasSubstr(file_));
  EXPECT_THAT(read_headers(directory_.path()).error(), HasSubstr("is no file"));
  EXPECT_THAT(read(std::string(70'000, '#')).error(), HasSubstr("64 KiB"));
}

}  // namespace
}  // namespace futured::trace
