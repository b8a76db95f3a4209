// A plugin with a function that runs until a file appears, and one that nobody survives.
#include <poll.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include "futured/plugin.h"

FUTURED_PLUGIN(registry) {
  // Creates `path`.begun, and returns when `path` exists, after a minute at the latest.
  registry.add(futured::Task<bool(std::string)>("gate.wait"), [](const std::string& path) {
    std::ofstream(path + ".begun").flush();
    for (int i = 0; i < 30'000 && !std::filesystem::exists(path); ++i) poll(nullptr, 0, 2);
    return std::filesystem::exists(path);
  });
  // As a bug that ends the process it runs in.
  registry.add(futured::Task<bool(std::string)>("gate.kill"), [](const std::string&) { return ::raise(SIGKILL) == 0; });
}
