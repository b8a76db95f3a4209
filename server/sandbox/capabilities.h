// Capabilities: the pieces of root's power.
#pragma once

namespace futured::sandbox {

// Gives up all, for good: no program that it executes gets any back. Throws std::system_error that names the layer.
void drop_capabilities();

}  // namespace futured::sandbox
