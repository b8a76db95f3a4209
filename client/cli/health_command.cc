#include <iostream>

#include "client/cli/command.h"
#include "client/cli/connection.h"
#include "client/cli/json_value.h"
#include "client/cli/names.h"
#include "health.grpc.pb.h"

namespace futured::cli {
namespace {

namespace health_v1 = grpc::health::v1;

constexpr const char* kFooter =
    "Prints `serving` and ends with 0, or anything else and ends with 4.\n"
    "\n"
    "Examples:\n"
    "  futuredctl health\n"
    "  HEALTHCHECK CMD [\"futuredctl\", \"health\"]      # in a Dockerfile";

ExitCode health(const Globals& globals) {
  Connection connection(globals);
  health_v1::HealthCheckResponse response;
  // Once: who asks wants to know how it is, not how it will be.
  connection.check(connection.attempt(&health_v1::Health::Stub::Check, health_v1::HealthCheckRequest(), response));
  const std::string status = short_name(health_v1::HealthCheckResponse::ServingStatus_Name(response.status()), "");
  if (globals.json) {
    std::cout << dump({{"address", globals.address}, {"status", status}}) << std::endl;
  } else {
    std::cout << status << std::endl;
  }
  return response.status() == health_v1::HealthCheckResponse::SERVING ? ExitCode::kOk : ExitCode::kUnavailable;
}

}  // namespace

void add_health(CLI::App& app, Action& chosen) {
  add_command(app, "health", "Ask whether the daemon serves", kFooter, chosen, health);
}

}  // namespace futured::cli
