#include <algorithm>
#include <memory>
#include <optional>
#include <unordered_set>

#include "client/cli/command.h"
#include "client/cli/connection.h"
#include "client/cli/future_table.h"
#include "client/cli/names.h"

namespace futured::cli {
namespace {

constexpr const char* kFooter =
    "Does not wait. As JSON with the outcomes of those that have ended.\n"
    "\n"
    "Examples:\n"
    "  futuredctl get ID1 ID2\n"
    "  futuredctl get --output json ID";

std::optional<std::string> first_missing(const std::vector<std::string>& ids, const std::vector<v1::Future>& futures) {
  std::unordered_set<std::string> found;
  for (const v1::Future& future : futures) found.insert(future.id());
  const auto missing = std::find_if(ids.begin(), ids.end(),
                                    [&](const std::string& id) { return !found.contains(in_small_letters(id)); });
  return missing == ids.end() ? std::nullopt : std::optional(*missing);
}

ExitCode get(const std::vector<std::string>& given, const Globals& globals) {
  Connection connection(globals);
  v1::GetRequest request;
  const std::vector<std::string> ids = all_ids(given);
  for (const std::string& id : ids) request.add_ids(id);
  request.set_outcomes(globals.json);
  const auto response = connection.call(&v1::FutureService::Stub::Get, request);
  const std::vector<v1::Future> futures(response.futures().begin(), response.futures().end());
  if (!futures.empty()) print_futures(futures, globals);
  const auto missing = first_missing(ids, futures);
  if (!missing) return ExitCode::kOk;
  throw Failure(ExitCode::kNotFound, "no future " + *missing + ", or it has expired");
}

}  // namespace

void add_get(CLI::App& app, Action& chosen) {
  const auto ids = std::make_shared<std::vector<std::string>>();
  CLI::App* command = add_command(app, "get", "Show futures", kFooter, chosen,
                                  [ids](const Globals& globals) { return get(*ids, globals); });
  add_ids(*command, *ids);
}

}  // namespace futured::cli
