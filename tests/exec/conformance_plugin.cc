// The functions of the suites of this folder as a plugin, for executors whose functions live in another process.
#include "futured/plugin.h"
#include "tests/exec/conformance_functions.h"
#include "tests/exec/fault_functions.h"

FUTURED_PLUGIN(registry) {
  futured::testing::add_conformance_functions(registry);
  futured::testing::add_fault_functions(registry);
}
