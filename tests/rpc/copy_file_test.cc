#include "server/rpc/copy_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/temporary_directory.h"

namespace futured::rpc {
namespace {

using ::testing::HasSubstr;

class CopyFileTest : public ::testing::Test {
 protected:
  core::Result<CopyFile> take(const std::string& content) {
    std::ofstream(path_, std::ios::binary) << content;
    return CopyFile::take(path_);
  }

  testing::TemporaryDirectory folder_;
  const std::filesystem::path path_ = folder_.path() + "/copy";
};

TEST_F(CopyFileTest, LosesItsNameAndIsReadInPieces) {
  auto file = take("0123456789");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_FALSE(std::filesystem::exists(path_));
  EXPECT_EQ(file->size(), 10u);
  EXPECT_EQ(*file->read(4), "0123");
  EXPECT_EQ(file->left(), 6u);
  EXPECT_EQ(*file->read(100), "456789");
  EXPECT_EQ(file->left(), 0u);
  EXPECT_EQ(*file->read(100), "");
}

TEST_F(CopyFileTest, MovesWithItsPlace) {
  auto file = take("0123456789");
  ASSERT_TRUE(file && file->read(4));
  CopyFile moved(*std::move(file));
  EXPECT_EQ(*moved.read(100), "456789");
}

TEST_F(CopyFileTest, OneThatIsNotThereIsAFailure) {
  const auto file = CopyFile::take(path_);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().reason, core::Reason::kCopyFailed);
  EXPECT_THAT(file.error().message, HasSubstr("No such file"));
}

TEST_F(CopyFileTest, OneThatWasCutShortIsAFailure) {
  std::ofstream(path_) << "0123456789";
  std::filesystem::create_hard_link(path_, folder_.path() + "/other");
  auto file = CopyFile::take(path_);
  ASSERT_TRUE(file);
  std::filesystem::resize_file(folder_.path() + "/other", 5);
  const auto bytes = file->read(100);
  ASSERT_FALSE(bytes);
  EXPECT_THAT(bytes.error().message, HasSubstr("ends too early"));
}

}  // namespace
}  // namespace futured::rpc
