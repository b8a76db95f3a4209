#include "futured/plugin_loader.h"

#include <dlfcn.h>

#include <exception>
#include <stdexcept>

#include "futured/error_info.h"
#include "futured/plugin.h"

namespace futured {
namespace {

[[noreturn]] void fail(const std::string& path, const std::string& reason) {
  throw std::runtime_error("plugin " + path + ": " + reason);
}

}  // namespace

void load_plugin(const std::string& path, Registry& registry) {
  void* const handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) fail(path, dlerror());
  const auto* abi = static_cast<const int*>(dlsym(handle, "futured_plugin_abi"));
  if (abi == nullptr) fail(path, "it is no plugin: it has no FUTURED_PLUGIN");
  if (*abi != kPluginAbi) {
    fail(path, "it was built for plugin interface " + std::to_string(*abi) + ", this program has " +
                   std::to_string(kPluginAbi));
  }
  const auto add = reinterpret_cast<void (*)(Registry&)>(dlsym(handle, "futured_plugin_register"));
  if (add == nullptr) fail(path, "it has no entry point");
  try {
    add(registry);
  } catch (...) {
    const ErrorInfo error = describe(std::current_exception());
    fail(path, "its entry point threw " + error.type + ": " + error.message);
  }
}

}  // namespace futured
