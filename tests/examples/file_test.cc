#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>

#include "examples/plugin/functions.h"
#include "futured/context.h"
#include "tests/support/temporary_directory.h"
#include "tests/task/fake_context.h"

namespace examples {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

class FileTest : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return folder_.path() + "/" + name; }
  std::string file(const std::string& content) const {
    std::ofstream(path("file"), std::ios::binary) << content;
    return path("file");
  }

  futured::FakeContext context_;

 private:
  futured::testing::TemporaryDirectory folder_;
};

TEST_F(FileTest, ReadsAnyBytes) {
  const std::string bytes("a\0\xff\n", 4);
  EXPECT_EQ(contents_of_file(file(bytes)).data, bytes);
  EXPECT_EQ(contents_of_file(file("")).data, "");
}

TEST_F(FileTest, ReadsAMebibyteAndNoMore) {
  const std::string largest(1 << 20, 'x');
  EXPECT_EQ(contents_of_file(file(largest)).data, largest);
  const std::string larger = file(largest + 'x');
  EXPECT_THAT([&] { contents_of_file(larger); }, ThrowsMessage<std::length_error>(HasSubstr(larger)));
}

TEST_F(FileTest, CountsAFileOfAnySize) {
  std::string text;
  for (int i = 0; i < 300'000; ++i) text += "word\n";
  const TextSize size = size_of_file(context_, file(text));
  EXPECT_EQ(size.words, 300'000U);
  EXPECT_EQ(size.lines, 300'000U);
  EXPECT_EQ(size.bytes, text.size());
}

TEST_F(FileTest, TellsHowMuchItHasRead) {
  size_of_file(context_, file(std::string(200'000, 'x')));
  ASSERT_EQ(context_.fractions.size(), 4U);
  EXPECT_LT(context_.fractions.front(), 0.5);
  EXPECT_EQ(context_.fractions.back(), 1);
}

TEST_F(FileTest, StopsOnRequest) {
  const std::string path = file("text");
  context_.source.request_stop();
  EXPECT_THROW(size_of_file(context_, path), futured::Cancelled);
}

TEST_F(FileTest, NamesAFileThatIsMissing) {
  const std::string missing = path("missing");
  EXPECT_THAT([&] { contents_of_file(missing); }, ThrowsMessage<std::system_error>(HasSubstr(missing)));
  EXPECT_THROW(size_of_file(context_, missing), std::system_error);
}

TEST_F(FileTest, RefusesWhatMayHaveNoEnd) {
  const std::string pipe = path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT([&] { contents_of_file(pipe); }, ThrowsMessage<std::runtime_error>(HasSubstr("it is no file")));
  EXPECT_THROW(contents_of_file(path("")), std::runtime_error);
  EXPECT_THROW(contents_of_file("/dev/zero"), std::runtime_error);
}

}  // namespace
}  // namespace examples
