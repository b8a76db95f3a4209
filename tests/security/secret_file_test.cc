#include "server/security/secret_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "tests/support/temporary_directory.h"

namespace futured::security {
namespace {

using ::testing::HasSubstr;

constexpr uid_t kNobody = 65534;
constexpr gid_t kItsGroup = 65534;
constexpr gid_t kOtherGroup = 65533;

// While it lives, this process may do what a user may that is not root.
class AsNobody {
 public:
  AsNobody() {
    EXPECT_EQ(::setegid(kItsGroup), 0);
    EXPECT_EQ(::seteuid(kNobody), 0);
  }
  ~AsNobody() {
    EXPECT_EQ(::seteuid(0), 0);
    EXPECT_EQ(::setegid(0), 0);
  }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;
};

// Files of root's, as far as they are lent to somebody else.
class LentFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can lend its files";
    ASSERT_EQ(::chmod(directory_.path().c_str(), 0711), 0);
  }
  std::string lent(mode_t mode, gid_t group) const {
    std::string path = directory_.path() + "/secret";
    std::ofstream(path) << "secret";
    EXPECT_EQ(::chown(path.c_str(), 0, group), 0);
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return path;
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(LentFileTest, TheGroupMayReadWhatRootLendsIt) {
  for (const mode_t mode : {0640U, 0440U}) {
    const std::string path = lent(mode, kItsGroup);
    const AsNobody as_nobody;
    EXPECT_EQ(read_secret_file(path), "secret") << std::oct << mode;
  }
}

TEST_F(LentFileTest, NobodyElseMay) {
  for (const mode_t mode : {0660U, 0650U, 0644U, 0641U, 0642U}) {
    const std::string path = lent(mode, kItsGroup);
    const AsNobody as_nobody;
    const auto read = read_secret_file(path);
    ASSERT_FALSE(read.has_value()) << std::oct << mode;
    EXPECT_THAT(read.error(), HasSubstr("only its owner may read it"));
  }
  const std::string path = lent(0640, kOtherGroup);
  const AsNobody as_nobody;
  EXPECT_THAT(read_secret_file(path).error(), HasSubstr("Permission denied"));
}

TEST_F(LentFileTest, RootHasNobodyToBorrowFrom) {
  EXPECT_THAT(read_secret_file(lent(0640, kItsGroup)).error(), HasSubstr("has the mode 0640"));
}

}  // namespace
}  // namespace futured::security
