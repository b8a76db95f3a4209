// The options that say who is calling, and which daemon is believed.
#pragma once

#include <CLI/CLI.hpp>

#include "futured/credentials.h"

namespace futured::cli {

// A token is no option: the list of processes would show it.
void add_credential_flags(CLI::App& app, Credentials& credentials);

}  // namespace futured::cli
