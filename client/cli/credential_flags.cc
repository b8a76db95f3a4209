#include "client/cli/credential_flags.h"

#include <string>

#include "client/cli/command.h"

namespace futured::cli {
namespace {

constexpr const char* kGroup = "Credentials, else from the environment";

void add_file(CLI::App& app, const std::string& name, std::string& target, const std::string& help) {
  app.add_option(name, target, help)->check(not_empty())->type_name("FILE")->group(kGroup);
}

}  // namespace

void add_credential_flags(CLI::App& app, Credentials& credentials) {
  add_file(
      app, "--token-file", credentials.token_file,
      "File with the token, of mode 0600 (FUTURED_TOKEN_FILE, or the token itself in FUTURED_TOKEN; an option with "
      "it would be seen in the list of processes)");
  add_file(
      app, "--ca-file", credentials.ca_file,
      "Use TLS, with a daemon whose certificate comes from these authorities, in PEM (FUTURED_CA_FILE; default with "
      "tls://: those of the system)");
  add_file(app, "--certificate-file", credentials.certificate_file,
           "Use TLS, and show this certificate, in PEM (FUTURED_CERTIFICATE_FILE)");
  add_file(app, "--key-file", credentials.key_file, "Its key, of mode 0600 (FUTURED_KEY_FILE)");
  app.add_option("--server-name", credentials.server_name,
                 "Name that the daemon's certificate must have (FUTURED_SERVER_NAME; default: that of the address)")
      ->check(not_empty())
      ->type_name("NAME")
      ->group(kGroup);
  app.add_flag("--allow-plaintext-token", credentials.allow_plaintext_token,
               "Show the token to other machines without TLS too")
      ->group(kGroup);
}

}  // namespace futured::cli
