// A plugin whose function runs until a file appears.
#include <poll.h>

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
}
