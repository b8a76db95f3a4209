// FUTURED_PLUGIN: the entry point of a shared object that adds functions to a daemon or worker.
//
//   FUTURED_PLUGIN(registry) {
//     registry.add(is_prime, [](std::uint64_t n) { return primes::test(n); });
//   }
//
// Build it with `futured_add_plugin(NAME SOURCES…)`, and name it under `plugins` in the daemon's configuration. A
// plugin is never unloaded. It resolves the symbols of this library from the program that loads it, so it must be built
// against the headers of the same version: kPluginAbi is compared when it is loaded.
#pragma once

#include "futured/registry.h"

namespace futured {

inline constexpr int kPluginAbi = 3;

}  // namespace futured

// Visible also where -fvisibility=hidden hides the rest.
#define FUTURED_PLUGIN(registry)                                                                        \
  extern "C" __attribute__((visibility("default"))) const int futured_plugin_abi;                       \
  const int futured_plugin_abi = ::futured::kPluginAbi;                                                 \
  extern "C" __attribute__((visibility("default"))) void futured_plugin_register(::futured::Registry&); \
  void futured_plugin_register([[maybe_unused]] ::futured::Registry& registry)
