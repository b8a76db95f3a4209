// From an older schema to a newer one, with futures in it: all of a step or nothing, whatever happens meanwhile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>

#include <string>
#include <string_view>
#include <tuple>

#include "server/store/fault_vfs.h"
#include "server/store/open_database.h"
#include "server/store/schema.h"
#include "tests/store/store_fixture.h"

namespace futured::store {
namespace {

using ::testing::HasSubstr;
using testing::Life;
using testing::ListOf;
using Kind = Fault::Kind;

constexpr std::uint64_t kFutures = 20;
constexpr const char* kFolder = "FUTURED_TEST_FOLDER";

class MigrationTest : public testing::StoreFixture {
 protected:
  MigrationTest() : StoreFixture(parent()) {
    for (const char* step : {"ALTER TABLE futures ADD COLUMN extra INTEGER; "
                             "UPDATE futures SET extra = sequence + length(arguments)",
                             "CREATE TABLE later AS SELECT sequence, arguments FROM futures"}) {
      over_rows_.push_back(step);
    }
  }

  // A test that is started again to die leaves its folder behind: within that of the test that has started it.
  static std::filesystem::path parent() {
    const char* filled = ::getenv(kFolder);
    return filled == nullptr ? testing::fast_folder() : std::filesystem::path(filled).parent_path();
  }

  using Steps = std::vector<const char*>;

  core::Result<OpenDatabase> open_by(const Steps& steps) {
    auto directory = DataDirectory::claim(options_.directory);
    if (!directory) return tl::unexpected(directory.error());
    OpenSettings settings;
    settings.vfs = options_.vfs;
    settings.schema_steps = steps;
    return open_database(*directory, settings, time_);
  }
  // Opens it by these steps: the version then, or the error.
  std::string version_after(const Steps& steps) {
    const auto opened = open_by(steps);
    if (!opened) return opened.error().message;
    return std::to_string(*schema_version(*opened->connection));
  }

  // A database of the present version.
  void fill() {
    open();
    for (std::uint64_t i = 1; i <= kFutures; ++i) {
      Life life(i);
      life.task.arguments = core::Bytes(std::string(3000, 'x'));
      commit(ListOf{life.submit()});
    }
    close();
  }
  // Two steps over all rows.
  const Steps& steps_over_rows() const { return over_rows_; }
  void expect_all_was_led_over() {
    const auto opened = open_by(over_rows_);
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(schema_version(*opened->connection).value_or(0), static_cast<std::int64_t>(over_rows_.size()));
    const auto count = [&](const char* sql) { return opened->connection->query_number(sql).value_or(-1); };
    EXPECT_EQ(count("SELECT count(*) FROM futures WHERE extra = sequence + length(arguments)"),
              static_cast<std::int64_t>(kFutures));
    EXPECT_EQ(count("SELECT count(*) FROM later JOIN futures USING (sequence)"), static_cast<std::int64_t>(kFutures));
    EXPECT_EQ(opened->connection->query_text("PRAGMA integrity_check").value_or(""), "ok");
  }

  const char* first_ = schema_steps()[0];
  Steps over_rows_{schema_steps().begin(), schema_steps().end()};
};

TEST_F(MigrationTest, EachStepIsTakenOnce) {
  EXPECT_EQ(version_after({first_}), "1");
  EXPECT_EQ(version_after({first_, "CREATE TABLE a (x)", "CREATE TABLE b (x)"}), "3");
  EXPECT_EQ(version_after({first_, "CREATE TABLE a (x)", "CREATE TABLE b (x)"}), "3");
  EXPECT_THAT(version_after({first_, "CREATE TABLE a (x)"}), HasSubstr("was used by a newer one"));
}

TEST_F(MigrationTest, StepThatFailsLeavesTheVersionBeforeIt) {
  EXPECT_EQ(version_after({first_}), "1");
  const char* half = "CREATE TABLE a (x); CREATE TABLE a (x)";
  EXPECT_THAT(version_after({first_, half}), HasSubstr("already exists"));
  EXPECT_EQ(version_after({first_}), "1");
  EXPECT_EQ(version_after({first_, "CREATE TABLE a (x)"}), "2");
}

// Takes the step back, as it is the only one that a database of before lacks.
TEST_F(MigrationTest, FuturesOfBeforeThereWereIdentitiesAreLedOver) {
  Life failed(1);
  Life pending(2);
  open();
  commit(ListOf{failed.submit(), failed.start(2), failed.end(core::Outcome::failed({}), 3), pending.submit()});
  const auto held = load();
  close();
  std::size_t before = 0;
  while (std::string_view(schema_steps()[before]).find("COLUMN identity") == std::string_view::npos) ++before;
  {
    const auto opened = open_by({schema_steps().begin(), schema_steps().end()});
    ASSERT_TRUE(opened) << opened.error().message;
    const auto undone = opened->connection->execute(
        "DROP VIEW future; CREATE VIEW future AS SELECT sequence FROM futures; "
        "ALTER TABLE futures DROP COLUMN identity; ALTER TABLE futures DROP COLUMN namespace; PRAGMA user_version = " +
        std::to_string(before));
    ASSERT_TRUE(undone) << undone.error().message;
  }
  open();
  EXPECT_EQ(load(), held);
  Life owned(3);
  owned.task.account = std::make_shared<const core::AccountName>(core::AccountName{"ann", "red"});
  commit(ListOf{owned.submit()});
  EXPECT_EQ(load()[3], testing::describe(owned.held()));
}

TEST_F(MigrationTest, FuturesAreLedOver) {
  fill();
  expect_all_was_led_over();
}

// The point, and how many of the steps over rows it leaves behind it.
class MigrationCrashTest : public MigrationTest,
                           public ::testing::WithParamInterface<std::tuple<const char*, std::size_t>> {
 protected:
  // A death test of this style starts the program again, which finds the folder, filled, in its environment.
  void SetUp() override {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const bool is_first = ::getenv(kFolder) == nullptr;
    if (is_first) ::setenv(kFolder, folder("shared").c_str(), 1);
    options_.directory = ::getenv(kFolder);
    if (is_first) fill();
  }
  void TearDown() override {
    ::unsetenv(kFolder);
    ::unsetenv("FUTURED_CRASH_AT");
  }
};

TEST_P(MigrationCrashTest, LeavesAWholeVersionWithAllFutures) {
  const auto [point, steps_taken] = GetParam();
  const std::size_t version = schema_steps().size() + steps_taken;
  ::setenv("FUTURED_CRASH_AT", point, 1);
  EXPECT_EXIT(version_after(steps_over_rows()), ::testing::KilledBySignal(SIGKILL), "");
  const auto& steps = steps_over_rows();
  EXPECT_EQ(version_after({steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(version)}),
            std::to_string(version));
  expect_all_was_led_over();
}

INSTANTIATE_TEST_SUITE_P(
    Points, MigrationCrashTest,
    ::testing::Values(std::tuple("store.before_migration", 0u), std::tuple("store.in_migration", 0u),
                      std::tuple("store.after_migration", 1u), std::tuple("store.before_migration:2", 1u),
                      std::tuple("store.in_migration:2", 1u), std::tuple("store.after_migration:2", 2u)));

class MigrationFaultTest : public MigrationTest, public ::testing::WithParamInterface<std::tuple<Kind, bool>> {
 protected:
  // Whether the fault was met.
  bool meets_fault(long n) {
    const auto original = options_.directory;
    options_.directory = folder("data-" + std::to_string(n));
    std::filesystem::create_directory(options_.directory);
    std::filesystem::permissions(options_.directory, std::filesystem::perms::owner_all);
    std::filesystem::copy_file(original / "futured.db", database());
    const auto [kind, for_ever] = GetParam();
    options_.vfs = vfs_.name();
    vfs_.arm({kind, n, for_ever});
    const std::string version = version_after(steps_over_rows());
    const bool hit = vfs_.hit();
    vfs_.disarm();
    if (version != std::to_string(over_rows_.size())) {
      EXPECT_THAT(version, HasSubstr(database().string()));
    }
    expect_all_was_led_over();
    options_.vfs.clear();
    std::filesystem::remove_all(options_.directory);
    options_.directory = original;
    return hit;
  }

  FaultVfs vfs_;
};

TEST_P(MigrationFaultTest, LeavesAWholeVersionWithAllFutures) {
  fill();
  long n = 1;
  for (; meets_fault(n); ++n) {
    if (HasFailure()) FAIL() << "when operation " << n << " failed";
  }
  EXPECT_GT(n, 1) << "there was no such operation";
}

INSTANTIATE_TEST_SUITE_P(Faults, MigrationFaultTest,
                         ::testing::Combine(::testing::Values(Kind::kWrite, Kind::kSync, Kind::kOpen, Kind::kRead),
                                            ::testing::Bool()));

}  // namespace
}  // namespace futured::store
