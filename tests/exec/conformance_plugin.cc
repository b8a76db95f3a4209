// The functions of the conformance suite as a plugin, for executors whose functions live in another process.
#include "futured/plugin.h"
#include "tests/exec/conformance_functions.h"

FUTURED_PLUGIN(registry) { futured::testing::add_conformance_functions(registry); }
