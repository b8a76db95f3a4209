// Functions for the tests of futuredctl.
#include <poll.h>
#include <unistd.h>

#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "futured/plugin.h"

FUTURED_PLUGIN(registry) {
  using futured::Task;
  registry.add(Task<futured::v1::Value(futured::v1::Value)>("test.echo"),
               [](futured::v1::Value value) { return value; });
  registry.add(Task<std::int64_t(std::int64_t)>("test.square"), [](std::int64_t n) { return n * n; });
  registry.add(Task<void(std::string)>("test.fail"),
               [](const std::string& message) { throw std::out_of_range(message); });
  // Throws because of another error.
  registry.add(Task<void()>("test.fail_nested"), [] {
    try {
      throw std::out_of_range("inner");
    } catch (...) {
      std::throw_with_nested(std::runtime_error("outer"));
    }
  });
  // Creates `path`.begun with the pid in it, and never returns.
  registry.add(Task<void(std::string)>("test.hang"), [](const std::string& path) {
    std::ofstream(path + ".new") << getpid();
    std::filesystem::rename(path + ".new", path + ".begun");
    for (;;) pause();
  });
  // Tells its progress, creates `path`.begun, and returns when `path` exists, after a minute at the latest.
  registry.add(Task<void(std::string, double, std::string)>("test.report"),
               [](futured::Context& context, const std::string& path, double fraction, const std::string& message) {
                 context.progress(fraction, message);
                 std::ofstream(path + ".begun").flush();
                 for (int i = 0; i < 30'000 && !std::filesystem::exists(path); ++i) poll(nullptr, 0, 2);
               });
  // Logs the lines, creates `path`.begun, and logs "the end" when `path` exists, after a minute at the latest. Fails in
  // its first attempt, if it has a second.
  registry.add(
      Task<void(std::string, std::vector<std::string>, bool)>("test.log"),
      [](futured::Context& context, const std::string& path, const std::vector<std::string>& lines, bool fails_first) {
        for (const std::string& line : lines) context.log(futured::LogLevel::kWarning, line);
        std::ofstream(path + ".begun").flush();
        if (fails_first && context.attempt() == 1) throw std::runtime_error("the first attempt");
        for (int i = 0; i < 30'000 && !std::filesystem::exists(path); ++i) poll(nullptr, 0, 2);
        context.log(futured::LogLevel::kDebug, "the end");
      });
  // Creates `path`.begun, and returns when `path` exists or it is asked to stop, after a minute at the latest.
  registry.add(Task<bool(std::string)>("test.wait_for_file"), [](futured::Context& context, const std::string& path) {
    std::ofstream(path + ".begun").flush();
    for (int i = 0; i < 30'000 && !std::filesystem::exists(path); ++i) {
      context.throw_if_stop_requested();
      poll(nullptr, 0, 2);
    }
    return std::filesystem::exists(path);
  });
}
