#include <futured/plugin.h>

#include "greeting.h"

FUTURED_PLUGIN(registry) {
  registry.add(greet, [](const std::string& name) { return "Hello, " + name + "!"; });
}
