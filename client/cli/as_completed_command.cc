#include <cstdint>
#include <iostream>
#include <memory>
#include <unordered_set>
#include <utility>

#include "client/cli/command.h"
#include "client/cli/connection.h"
#include "client/cli/duration.h"
#include "client/cli/names.h"
#include "client/cli/outcome.h"
#include "client/cli/printable.h"
#include "client/cli/standard_streams.h"

namespace futured::cli {
namespace {

constexpr const char* kFooter =
    "Prints a line for each future as it ends: ID, state, and its value or error. Ends with the exit code of failed\n"
    "tasks if one failed, else with that of cancelled ones if one was cancelled.\n"
    "\n"
    "Examples:\n"
    "  futuredctl as-completed ID1 ID2 ID3\n"
    "  futuredctl as-completed --timeout 1m --output json - < ids.txt";

void print_text(const v1::CompletedFuture& future) {
  std::cout << future.id() << '\t' << short_name(v1::FutureState_Name(future.state()), "FUTURE_STATE_");
  const v1::Outcome& outcome = future.outcome();
  if (outcome.has_value()) std::cout << '\t' << dump(to_json(outcome.value()));
  if (outcome.has_error()) {
    std::cout << '\t' << printable(outcome.error().type()) << ": " << printable(outcome.error().message());
  }
  std::cout << '\n';
}

void print(const v1::CompletedFuture& future, const Globals& globals) {
  if (globals.json) {
    std::cout << dump(to_json(future.id(), future.state(), future.outcome())) << '\n';
  } else {
    print_text(future);
  }
  flush_output();
}

// The code of the whole, after one more future.
ExitCode combined(ExitCode before, v1::FutureState state) {
  if (state == v1::FUTURE_STATE_FAILED) return ExitCode::kTaskFailed;
  if (state == v1::FUTURE_STATE_CANCELLED && before == ExitCode::kOk) return ExitCode::kCancelled;
  return before;
}

// Several streams, if the daemon is restarted meanwhile: each about what the ones before have not told.
class Reader {
 public:
  Reader(std::vector<std::string> ids, const Globals& globals)
      : ids_(std::move(ids)), globals_(globals), connection_(globals) {}

  ExitCode read_all() {
    connection_.repeat([this] { return read(); });
    if (unfinished_ == 0) return code_;
    throw Failure(ExitCode::kTimeout, "the time is up; unfinished: " + std::to_string(unfinished_));
  }

 private:
  grpc::Status read() {
    v1::AsCompletedRequest request;
    for (const std::string& id : ids_) {
      if (!told_.contains(in_small_letters(id))) request.add_ids(id);
    }
    if (request.ids().empty()) return grpc::Status::OK;
    if (const auto left = connection_.remaining()) *request.mutable_timeout() = to_proto(*left);
    grpc::ClientContext context;
    connection_.prepare(context, Connection::Kind::kWaiting);
    v1::FutureService::Stub stub(connection_.channel());
    const auto reader = stub.AsCompleted(&context, request);
    v1::AsCompletedResponse response;
    while (reader->Read(&response)) hear(response);
    return reader->Finish();
  }
  void hear(const v1::AsCompletedResponse& response) {
    connection_.heard();
    unfinished_ = response.unfinished();
    for (const v1::CompletedFuture& future : response.completed()) {
      told_.insert(future.id());
      print(future, globals_);
      code_ = combined(code_, future.state());
    }
  }

  const std::vector<std::string> ids_;
  const Globals& globals_;
  Connection connection_;
  std::unordered_set<std::string> told_;
  std::uint64_t unfinished_ = 0;
  ExitCode code_ = ExitCode::kOk;
};

}  // namespace

void add_as_completed(CLI::App& app, Action& chosen) {
  const auto ids = std::make_shared<std::vector<std::string>>();
  CLI::App* command = add_command(app, "as-completed", "Print the outcomes of futures as they come", kFooter, chosen,
                                  [ids](const Globals& globals) { return Reader(all_ids(*ids), globals).read_all(); });
  add_ids(*command, *ids);
}

}  // namespace futured::cli
