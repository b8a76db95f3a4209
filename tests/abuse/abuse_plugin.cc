// Functions for the tests of abuse and of networks.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "futured/plugin.h"

namespace {

// In one write, so that lines of several processes are whole.
void append_line(const std::string& path, const std::string& text) {
  const std::string line = text + '\n';
  const int file = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  const bool written = file >= 0 && write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  if (file >= 0) close(file);
  if (!written) throw std::runtime_error("cannot append to " + path);
}

}  // namespace

FUTURED_PLUGIN(registry) {
  using futured::Task;
  registry.add(Task<std::int64_t(std::int64_t)>("abuse.square"), [](std::int64_t n) { return n * n; });
  registry.add(Task<std::string(std::uint64_t)>("abuse.bytes"),
               [](std::uint64_t size) { return std::string(size, 'x'); });
  // Returns when `path` exists or it is asked to stop, after five minutes at the latest.
  registry.add(Task<bool(std::string)>("abuse.wait"), [](futured::Context& context, const std::string& path) {
    for (int i = 0; i < 150'000 && !std::filesystem::exists(path); ++i) {
      context.throw_if_stop_requested();
      poll(nullptr, 0, 2);
    }
    return std::filesystem::exists(path);
  });
  // Writes down that it runs, before it does anything else.
  registry.add(Task<std::int64_t(std::string, std::int64_t)>("abuse.record"),
               [](const std::string& path, std::int64_t number) {
                 append_line(path, std::to_string(number));
                 return number;
               });
}
