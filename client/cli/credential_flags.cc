#include "client/cli/credential_flags.h"

#include <string>

#include "client/cli/command.h"

namespace futured::cli {
namespace {

constexpr const char* kGroup = "Credentials (the list of processes would show a token, so that is no option)";

void add_file(CLI::App& app, const std::string& name, std::string& target, const std::string& help) {
  app.add_option(name, target, help)->check(not_empty())->type_name("FILE")->group(kGroup);
}

}  // namespace

void add_credential_flags(CLI::App& app, Credentials& credentials) {
  add_file(app, "--token-file", credentials.token_file,
           "File with the token, of mode 0600 (FUTURED_TOKEN_FILE; the token itself: FUTURED_TOKEN)");
  add_file(app, "--ca-file", credentials.ca_file,
           "PEM: use TLS, and believe daemons of these authorities (FUTURED_CA_FILE)");
  add_file(app, "--certificate-file", credentials.certificate_file,
           "PEM: use TLS, and show this certificate (FUTURED_CERTIFICATE_FILE)");
  add_file(app, "--key-file", credentials.key_file, "PEM: its key, of mode 0600 (FUTURED_KEY_FILE)");
  app.add_option("--server-name", credentials.server_name,
                 "Name in the daemon's certificate (FUTURED_SERVER_NAME; default: that of the address)")
      ->check(not_empty())
      ->type_name("NAME")
      ->group(kGroup);
  app.add_flag("--allow-plaintext-token", credentials.allow_plaintext_token,
               "Show the token to other machines without TLS too")
      ->group(kGroup);
}

}  // namespace futured::cli
