#include <iostream>
#include <map>
#include <memory>
#include <utility>

#include "client/cli/command.h"
#include "client/cli/connection.h"
#include "client/cli/log_printer.h"
#include "client/cli/names.h"
#include "client/cli/standard_streams.h"

namespace futured::cli {
namespace {

constexpr const char* kFooter =
    "Prints a line for each that the functions, or the programs on their standard error, have logged: time, level or\n"
    "stream, text; with several futures the ID first. With --follow also what comes, until all futures have ended; a\n"
    "daemon that is started again meanwhile is waited for.\n"
    "\n"
    "Examples:\n"
    "  futuredctl logs ID\n"
    "  futuredctl logs -f ID1 ID2\n"
    "  futuredctl logs --output json ID | jq -r .text";

class Reader {
 public:
  Reader(std::vector<std::string> ids, bool follow, const Globals& globals)
      : ids_(std::move(ids)), follow_(follow), connection_(globals), printer_(globals.json, ids_.size() > 1) {
    for (std::string& id : ids_) id = in_small_letters(id);
  }

  void read_all() {
    connection_.repeat([this] { return read(); });
    std::cout << printer_.rest();
    flush_output();
  }

 private:
  // One stream.
  grpc::Status read() {
    v1::WatchRequest request;
    request.set_logs(true);
    request.set_follow(follow_);
    for (const std::string& id : ids_) request.add_ids(id);
    for (const std::string& id : ids_) request.add_positions(positions_[id]);
    grpc::ClientContext context;
    connection_.prepare(context, follow_ ? Connection::Kind::kWaiting : Connection::Kind::kShort);
    v1::FutureService::Stub stub(connection_.channel());
    const auto reader = stub.Watch(&context, request);
    v1::WatchResponse response;
    while (reader->Read(&response)) print(response);
    grpc::Status status = reader->Finish();
    if (follow_ && status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
      throw Failure(ExitCode::kTimeout, "the time is up");
    }
    return status;
  }
  void print(const v1::WatchResponse& response) {
    for (const v1::FutureNews& news : response.news()) {
      std::cout << printer_.text_of(news);
      positions_[news.id()] = news.position();
    }
    flush_output();
    connection_.heard();
  }

  std::vector<std::string> ids_;
  const bool follow_;
  Connection connection_;
  LogPrinter printer_;
  std::map<std::string, std::string> positions_;
};

}  // namespace

void add_logs(CLI::App& app, Action& chosen) {
  const auto ids = std::make_shared<std::vector<std::string>>();
  const auto follow = std::make_shared<bool>(false);
  CLI::App* command = add_command(app, "logs", "Print what futures have logged", kFooter, chosen,
                                  [ids, follow](const Globals& globals) {
                                    Reader(all_ids(*ids), *follow, globals).read_all();
                                    return ExitCode::kOk;
                                  });
  command->add_flag("-f,--follow", *follow, "Go on until all have ended");
  add_ids(*command, *ids);
}

}  // namespace futured::cli
