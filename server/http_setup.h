// Makes the HTTP side as the options want it.
#pragma once

#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "server/http/server.h"
#include "server/log.h"
#include "server/options.h"

namespace futured::server {

// Bound, and not started; null where there is to be none: it is turned off, or nobody asked for it and its usual
// address is taken, which is logged. `proof` as in http::Server::Settings. The failure is a text for people.
tl::expected<std::unique_ptr<http::Server>, std::string> make_http(const Options& options, http::Server::Parts parts,
                                                                   std::string proof, Logger& logger);

}  // namespace futured::server
