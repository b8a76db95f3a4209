#include "futured/plugin_loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "error_text.h"
#include "fake_context.h"
#include "futured/plugin.h"

namespace futured {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

std::string load_error(const std::string& path) {
  Registry registry;
  return error_text<std::runtime_error>([&] { load_plugin(path, registry); });
}

// Serialized by hand: this program must not use the codec.
std::string point_argument(const char* x, const char* y) {
  const auto entry = [](const char* name, const char* number) {
    return std::string("\x0a\x07\x0a\x01") + name + "\x12\x02\x18" + number;
  };
  return std::string("\x0a\x14\x4a\x12") + entry("x", x) + entry("y", y);
}

TEST(PluginLoaderTest, PluginAddsItsFunctions) {
  Registry registry;
  load_plugin(GOOD_PLUGIN, registry);
  std::vector<std::string> names;
  for (const Function* function : registry.functions()) names.push_back(function->name() + " " + function->signature());
  EXPECT_THAT(names, testing::ElementsAre("test.echo string(string)",
                                          "test.measure map<string, double>(google.protobuf.Duration)",
                                          "test.mirror Point(Point)", "test.throw null()"));
  EXPECT_TRUE(registry.find("test.echo")->is_coroutine());
}

TEST(PluginLoaderTest, FunctionOfPluginRuns) {
  Registry registry;
  load_plugin(GOOD_PLUGIN, registry);
  FakeContext context;
  // Entries of a map come in any order; numbers are zigzag.
  const std::string value = registry.find("test.mirror")->call(context, point_argument("\x02", "\x04"));
  EXPECT_THAT(value, AllOf(HasSubstr("x\x12\x02\x18\x04"), HasSubstr("y\x12\x02\x18\x02")));
}

TEST(PluginLoaderTest, ExceptionOfPluginIsCaughtByItsType) {
  Registry registry;
  load_plugin(GOOD_PLUGIN, registry);
  FakeContext context;
  EXPECT_THROW(registry.find("test.throw")->call(context, ""), std::out_of_range);
  EXPECT_THROW(registry.find("test.mirror")->call(context, ""), ArgumentError);
}

TEST(PluginLoaderTest, SameFunctionsTwiceAreRefused) {
  Registry registry;
  load_plugin(GOOD_PLUGIN, registry);
  EXPECT_THAT(error_text<std::runtime_error>([&] { load_plugin(GOOD_PLUGIN, registry); }),
              HasSubstr("function \"test.mirror\" is registered twice"));
}

TEST(PluginLoaderTest, MissingFileIsNamed) {
  EXPECT_THAT(load_error("/nowhere/libmissing.so"),
              AllOf(StartsWith("plugin /nowhere/libmissing.so: "), EndsWith("No such file or directory")));
}

TEST(PluginLoaderTest, FileThatIsNoSharedObjectIsRefused) {
  const auto path = std::filesystem::path(testing::TempDir()) / "futured_plugin_loader_test.so";
  std::ofstream(path) << "text";
  EXPECT_THAT(load_error(path), StartsWith("plugin " + path.string() + ": "));
  std::filesystem::remove(path);
}

TEST(PluginLoaderTest, SharedObjectThatIsNoPluginIsRefused) {
  EXPECT_EQ(load_error(NO_PLUGIN), "plugin " NO_PLUGIN ": it is no plugin: it has no FUTURED_PLUGIN");
}

TEST(PluginLoaderTest, PluginOfAnotherVersionIsRefused) {
  EXPECT_EQ(load_error(FOREIGN_VERSION_PLUGIN), "plugin " FOREIGN_VERSION_PLUGIN
                                                ": it was built for plugin interface 9999, this program has " +
                                                    std::to_string(kPluginAbi));
}

TEST(PluginLoaderTest, EntryPointThatThrowsIsReported) {
  EXPECT_EQ(load_error(THROWING_PLUGIN),
            "plugin " THROWING_PLUGIN ": its entry point threw std::runtime_error: no licence");
}

}  // namespace
}  // namespace futured
