#include <stdexcept>

#include "futured/plugin.h"

FUTURED_PLUGIN(registry) { throw std::runtime_error("no licence"); }
