#include <chrono>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "client/cli/command.h"
#include "client/cli/duration.h"
#include "client/cli/json_value.h"
#include "client/cli/printable.h"
#include "client/cli/table.h"
#include "server/security/token_file.h"

namespace futured::cli {
namespace {

using security::Instant;
using security::TokenEntry;

constexpr const char* kFooter =
    "These work on the file itself, with no daemon: it is what `tokens` of the daemon's configuration names, and must "
    "be\n"
    "its owner's alone. A running daemon reads it again on SIGHUP.";

constexpr const char* kNewFooter =
    "Prints the token, once: the file has its hash alone. Several tokens of an identity are good at once, so a new one "
    "is\n"
    "handed out first, and the old one revoked when nobody uses it any more.\n"
    "\n"
    "Examples:\n"
    "  futuredctl token new web --file /etc/futured/tokens --expires 90d > web.token\n"
    "  futuredctl token new ci --file /etc/futured/tokens --expires 2027-01-01T00:00:00Z";

constexpr const char* kListFooter =
    "Examples:\n"
    "  futuredctl token list --file /etc/futured/tokens";

constexpr const char* kRevokeFooter =
    "Examples:\n"
    "  futuredctl token revoke 1a2b3c4d --file /etc/futured/tokens && systemctl reload futured";

// What the file cannot give.
template <class T>
T checked(tl::expected<T, std::string> result) {
  if (!result) throw Failure(ExitCode::kRefused, result.error());
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

Instant now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

// A time, or a duration from now. Nothing: neither.
std::optional<Instant> parse_expiry(const std::string& text) {
  if (const auto instant = security::parse_instant(text)) return *instant;
  const auto duration = parse_duration(text);
  if (!duration) return std::nullopt;
  return now() + std::chrono::ceil<std::chrono::seconds>(*duration);
}

struct NewToken {
  std::string identity;
  std::string file;
  std::optional<Instant> expires = {};
};

ExitCode make_new(const NewToken& wanted, const Globals& globals) {
  const std::string token = security::make_token();
  const TokenEntry entry = security::entry_of(wanted.identity, token, wanted.expires);
  checked(security::append_token(wanted.file, entry));
  if (globals.json) {
    Json line{{"token", token}, {"id", entry.id}, {"identity", entry.identity}};
    if (entry.expires) line["expires"] = security::print_instant(*entry.expires);
    std::cout << dump(line) << '\n';
  } else {
    std::cout << token << '\n';
  }
  return ExitCode::kOk;
}

ExitCode list(const std::string& file, const Globals& globals) {
  Table table({"ID", "IDENTITY", "EXPIRES"});
  for (const TokenEntry& entry : checked(security::read_token_file(file))) {
    const std::string expires = entry.expires ? security::print_instant(*entry.expires) : "";
    const bool expired = entry.expires && *entry.expires <= now();
    if (globals.json) {
      Json line{{"id", entry.id}, {"identity", entry.identity}, {"expired", expired}};
      if (entry.expires) line["expires"] = expires;
      std::cout << dump(line) << '\n';
    }
    table.add({entry.id, entry.identity, expires.empty() ? "never" : expired ? expires + " (expired)" : expires});
  }
  if (!globals.json) std::cout << table.text();
  return ExitCode::kOk;
}

void add_file(CLI::App& command, std::string& file) {
  command.add_option("--file", file, "The daemon's file of tokens")->required()->type_name("FILE");
}

void add_new(CLI::App& parent, Action& chosen) {
  const auto wanted = std::make_shared<NewToken>();
  CLI::App* command = add_command(parent, "new", "Make a token for an identity", kNewFooter, chosen,
                                  [wanted](const Globals& globals) { return make_new(*wanted, globals); });
  command->add_option("IDENTITY", wanted->identity, "Whose it is, as in the daemon's identities")
      ->required()
      ->check(CLI::Validator(
          [](const std::string& name) {
            return security::is_identity_name(name) ? "" : "must be 1 to 64 letters, digits, '_', '-' or '.'";
          },
          ""))
      ->type_name("");
  add_file(*command, wanted->file);
  command
      ->add_option_function<std::string>(
          "--expires",
          [wanted](const std::string& text) {
            wanted->expires = parse_expiry(text);
            if (!wanted->expires) {
              throw CLI::ValidationError("--expires",
                                         "'" + text + "' is neither like 90d nor like 2027-01-01T00:00:00Z");
            }
          },
          "When it ends: a time, or how long from now (default: never)")
      ->type_name("DURATION|TIME");
}

void add_token_list(CLI::App& parent, Action& chosen) {
  const auto file = std::make_shared<std::string>();
  CLI::App* command = add_command(parent, "list", "Show whose tokens there are, without the tokens", kListFooter,
                                  chosen, [file](const Globals& globals) { return list(*file, globals); });
  add_file(*command, *file);
}

void add_revoke(CLI::App& parent, Action& chosen) {
  const auto file = std::make_shared<std::string>();
  const auto id = std::make_shared<std::string>();
  CLI::App* command =
      add_command(parent, "revoke", "Take a token out of the file", kRevokeFooter, chosen, [=](const Globals&) {
        checked(security::remove_token(*file, *id));
        return ExitCode::kOk;
      });
  command->add_option("ID", *id, "Of the token, as in token list")->required()->type_name("");
  add_file(*command, *file);
}

}  // namespace

void add_token(CLI::App& app, Action& chosen) {
  CLI::App* command = app.add_subcommand("token", "Make, list and revoke tokens of the daemon");
  command->fallthrough();
  command->footer(kFooter);
  command->require_subcommand(1);
  add_new(*command, chosen);
  add_token_list(*command, chosen);
  add_revoke(*command, chosen);
}

}  // namespace futured::cli
