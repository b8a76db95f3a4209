#include <iostream>
#include <memory>
#include <string>

#include "client/cli/command.h"
#include "client/cli/connection.h"
#include "client/cli/interrupt_watch.h"
#include "client/cli/json_value.h"
#include "client/cli/new_file.h"
#include "client/cli/printable.h"
#include "futured/v1/store_service.grpc.pb.h"

namespace futured::cli {
namespace {

constexpr const char* kFooter =
    "Writes FILE.partial, which becomes FILE when it is complete; an existing file is left alone. The copy can take\n"
    "the place of futured.db in an otherwise empty data directory. The daemon needs room for it beside its database.\n"
    "Takes as long as it takes, unless there is a --timeout.\n"
    "\n"
    "Examples:\n"
    "  futuredctl backup futured-monday.db\n"
    "  futuredctl backup --timeout 10m /mnt/backups/futured.db";

// Writes all that comes. Throws Failure unless it is whole.
void receive(Connection& connection, grpc::ClientContext& context, NewFile& file) {
  v1::StoreService::Stub store(connection.channel());
  const auto reader = store.Backup(&context, v1::BackupRequest());
  std::uint64_t total = 0;
  v1::BackupResponse response;
  while (reader->Read(&response)) {
    if (response.total_size() > 0) total = response.total_size();
    file.write(response.data());
  }
  connection.check(reader->Finish());
  if (total > 0 && file.size() == total) return;
  throw Failure(ExitCode::kRefused, "the copy is not whole: " + std::to_string(file.size()) + " of " +
                                        std::to_string(total) + " bytes came; it was removed");
}

void print(const std::string& path, std::uint64_t size, const Globals& globals) {
  if (globals.json) {
    std::cout << dump({{"file", path}, {"size", size}}) << '\n';
  } else {
    std::cout << printable(path) << ": " << size << " bytes\n";
  }
}

ExitCode backup(const std::string& path, const Globals& globals) {
  grpc::ClientContext context;
  NewFile file(path);
  InterruptWatch watch([&] {
    file.discard();
    context.TryCancel();
  });
  file.open();
  Connection connection(globals);
  connection.prepare(context, globals.timeout ? Connection::Kind::kShort : Connection::Kind::kWaiting);
  receive(connection, context, file);
  file.publish();
  watch.stop();
  print(path, file.size(), globals);
  return ExitCode::kOk;
}

}  // namespace

void add_backup(CLI::App& app, Action& chosen) {
  const auto path = std::make_shared<std::string>();
  CLI::App* command = add_command(app, "backup", "Copy the daemon's database while it runs", kFooter, chosen,
                                  [path](const Globals& globals) { return backup(*path, globals); });
  command->add_option("FILE", *path, "The copy, a new file")
      ->required()
      ->check(CLI::Validator([](const std::string& name) { return name.empty() ? "it is empty" : ""; }, ""))
      ->type_name("");
}

}  // namespace futured::cli
