// The crash tests know every crash point of the daemon, and no other.
#include "tests/crash/points.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace futured::crash {
namespace {

std::set<std::string> points_in(const std::filesystem::path& folder) {
  static const std::regex kCall("crash_point\\(\"([^\"]+)\"\\)");
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".cc") continue;
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    const std::string source = text.str();
    for (std::sregex_iterator call(source.begin(), source.end(), kCall), end; call != end; ++call) {
      names.insert((*call)[1]);
    }
  }
  return names;
}

TEST(CrashPoints, EachOfTheDaemonsIsTried) {
  std::set<std::string> tried;
  for (const Point& point : kPoints) tried.insert(point.name);
  EXPECT_THAT(points_in(SERVER_SOURCES), ::testing::ContainerEq(tried));
}

}  // namespace
}  // namespace futured::crash
