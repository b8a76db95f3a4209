#include "client/cli/map_failure.h"

#include <iostream>
#include <string>

#include "client/cli/json_value.h"
#include "client/cli/printable.h"
#include "client/cli/refusal_text.h"
#include "futured/errors.h"

namespace futured::cli {
namespace {

const char* name(ErrorOrigin origin) {
  switch (origin) {
    case ErrorOrigin::kTask:
      return "task";
    case ErrorOrigin::kCall:
      return "call";
    case ErrorOrigin::kTimeout:
      return "timeout";
    case ErrorOrigin::kLimit:
      return "limit";
    case ErrorOrigin::kDaemon:
      return "daemon";
    case ErrorOrigin::kWorker:
      return "worker";
    case ErrorOrigin::kExecutor:
      return "executor";
    case ErrorOrigin::kUnspecified:
      break;
  }
  return "unspecified";
}

// As that of the protocol's error.
Json to_json(const TaskError& error) {
  Json json{{"origin", name(error.origin())}, {"type", error.type()}, {"message", error.message()}};
  if (!error.traceback().empty()) json["traceback"] = error.traceback();
  if (error.attempt() != 0) json["attempt"] = error.attempt();
  if (!error.worker().empty()) json["worker"] = error.worker();
  if (error.cause() != nullptr) json["cause"] = to_json(*error.cause());
  return json;
}

ExitCode code_for(const CallError& error) {
  if (dynamic_cast<const UnknownFuture*>(&error) != nullptr) return ExitCode::kNotFound;
  if (dynamic_cast<const ConnectionLost*>(&error) != nullptr) return ExitCode::kUnavailable;
  return ExitCode::kRefused;
}

ExitCode print_object(ExitCode code, const Json& json) {
  std::cout << dump(json) << std::endl;
  return code;
}

ExitCode complain(ExitCode code, const std::string& text) {
  std::string line = "futuredctl: " + printable(text, true);
  if (!line.ends_with('\n')) line += '\n';
  std::cerr << line << std::flush;
  return code;
}

}  // namespace

ExitCode report_map_failure(std::uint64_t item, bool json) {
  const std::string at = "item " + std::to_string(item) + ": ";
  try {
    throw;
  } catch (const Failure& failure) {
    return complain(failure.code(), failure.what());
  } catch (const TaskError& error) {
    if (json)
      return print_object(ExitCode::kTaskFailed, {{"item", item}, {"state", "failed"}, {"error", to_json(error)}});
    return complain(ExitCode::kTaskFailed, at + error.report());
  } catch (const CancelledError&) {
    if (json) return print_object(ExitCode::kCancelled, {{"item", item}, {"state", "cancelled"}});
    return complain(ExitCode::kCancelled, at + "cancelled");
  } catch (const TimeoutError&) {
    return complain(ExitCode::kTimeout, at + "the time is up; what has begun goes on");
  } catch (const CallError& error) {
    return complain(code_for(error), at + with_reason(error.what(), error.refusal()));
  } catch (const std::exception& error) {
    return complain(ExitCode::kRefused, at + error.what());
  }
}

}  // namespace futured::cli
