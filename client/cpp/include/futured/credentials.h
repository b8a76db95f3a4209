// How a client shows who it is, and checks who the daemon is.
#pragma once

#include <string>

namespace futured {

// For one Executor. What is empty is taken from the environment, where FUTURED_TOKEN and FUTURED_TOKEN_FILE belong
// together, and FUTURED_CERTIFICATE_FILE and FUTURED_KEY_FILE: one that is set here leaves both variables unread.
//
// TLS is on with a `ca_file`, a `certificate_file` or an address "tls://host:port", and off for "unix:" addresses,
// whatever is set here. Files are read when an Executor is made, and again for each connection, so they may be replaced
// while the program runs: a stream that the daemon ends as UNAUTHENTICATED is opened once more if they hold something
// new.
//
// Files with secrets, `token_file` and `key_file`, must not be readable by others when they are the user's own, as ssh
// has it: mode 0600. Those of another owner, as mounted into containers, are taken as they are.
struct Credentials {
  // A bearer token: up to 4 KiB of visible ASCII characters. At most one of the two. FUTURED_TOKEN, FUTURED_TOKEN_FILE.
  std::string token = {};
  // A file with the token on its only line.
  std::string token_file = {};
  // PEM: the authorities that the daemon's certificate may come from. Empty, with TLS on: those of the system.
  // FUTURED_CA_FILE.
  std::string ca_file = {};
  // PEM: the client's certificate, followed by those between it and its authority, and its key. Both or none.
  // FUTURED_CERTIFICATE_FILE, FUTURED_KEY_FILE.
  std::string certificate_file = {};
  std::string key_file = {};
  // The name that the daemon's certificate must have. Empty: the host of the address. FUTURED_SERVER_NAME.
  std::string server_name = {};
  // A token is sent without TLS only to Unix sockets and to this machine (localhost, 127.0.0.0/8, ::1). This lets it go
  // anywhere: for networks that are encrypted by other means.
  bool allow_plaintext_token = false;
  // False: nothing is taken from the environment.
  bool environment = true;
};

}  // namespace futured
