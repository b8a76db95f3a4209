// Options: everything that can be set about the daemon, and where it comes from.
//
// In rising order: the defaults below, a TOML file (--config or FUTURED_CONFIG), the environment (FUTURED_MAX_PENDING),
// flags (--max-pending). settings.h has one row for each that serves all of them. Nothing else of the daemon reads the
// environment, but for NOTIFY_SOCKET, which is the service manager's and no option.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "server/core/limits.h"
#include "server/executor_options.h"
#include "server/log.h"

namespace futured::server {

// What becomes of TLS clients without a certificate, where an authority for them is configured.
enum class ClientCertificateRule { kRequire, kAccept };
inline constexpr const char* kHttpOff = "off";
inline constexpr const char* kUsualHttpAddress = "127.0.0.1:7071";

struct Options {
  // Addresses, as rpc/listen_address.h reads them; port 0 is any free one.
  std::vector<std::string> listen = {"127.0.0.1:7070"};
  // Accept connections from everywhere without encryption and authentication.
  bool listen_insecurely_on_any_interface = false;
  // Where to write the addresses that were bound, a line each; empty: nowhere.
  std::string port_file;
  // What TLS shows, and the authorities of clients; PEM. Empty: there is none.
  std::string tls_certificate;
  std::string tls_key;
  std::string tls_client_ca;
  ClientCertificateRule tls_client_certificates = ClientCertificateRule::kRequire;
  // Files of who may do what. Empty: whoever reaches the daemon may do everything.
  std::string identities;
  std::string tokens;
  // Where to write who did what; empty: nowhere.
  std::string audit_log;
  // Address and port of the HTTP side; kHttpOff: there is none; unset: kUsualHttpAddress, if that is free.
  std::optional<std::string> http_listen;
  // As port_file.
  std::string http_port_file;
  // Names by which the HTTP side is called, beside those of the loopback interface and its address.
  std::vector<std::string> http_hosts;
  // Where futures survive. Empty: default_data_directory(); never after read_options(), unless `memory`.
  std::string data_dir;
  // Futures end with the daemon.
  bool memory = false;
  // False: a power cut may take what was acknowledged last.
  bool sync_every_commit = true;
  // The write-ahead log of the database is kept below, bytes.
  std::uint64_t wal_limit = std::uint64_t{64} << 20;
  // With less room on the disk of data_dir no task is taken, bytes.
  std::uint64_t min_disk_free = std::uint64_t{64} << 20;
  // Shared libraries with functions. Absolute paths, once read_options() has found them.
  std::vector<std::string> plugins;
  // Further directories where plugins given by bare names are looked for.
  std::vector<std::string> plugin_path;
  // Where the daemon is, and the programs that come with it; set by read_options().
  std::filesystem::path program_directory;
  // In the order in which they were named; never empty after read_options().
  std::vector<ExecutorOptions> executors;
  // Programs that are functions.
  std::vector<FunctionOptions> functions;

  // Of one task's serialized arguments, bytes.
  std::uint64_t max_arguments_size = std::uint64_t{4} << 20;
  // Of one task's serialized value, bytes.
  std::uint64_t max_value_size = std::uint64_t{4} << 20;
  // Of the headers of one call, bytes.
  std::uint64_t max_metadata_size = std::uint64_t{8} << 10;
  // IDs or tasks in one unary call.
  std::uint64_t max_ids_per_call = 10'000;
  // Open connections; further ones are closed at once.
  std::uint64_t max_connections = 1'000;
  // The same of the HTTP side.
  std::uint64_t http_max_connections = 256;
  // Open event streams.
  std::uint64_t http_max_event_streams = 64;
  // Calls under way on one connection; further ones wait in the client.
  std::uint64_t max_streams_per_connection = 1'000;
  // A client from which nothing comes for so long is asked whether it is there, and given up when it does not answer.
  core::Duration keepalive_time = std::chrono::seconds(30);
  core::Duration keepalive_timeout = std::chrono::seconds(10);
  // How long a new connection may take until it speaks the protocol.
  core::Duration handshake_timeout = std::chrono::seconds(10);
  // How long a connection may be without a call.
  core::Duration max_connection_idle = std::chrono::minutes(5);
  // What the table accepts and keeps.
  core::Limits limits;

  // How long running tasks may go on after SIGTERM.
  core::Duration drain_grace = std::chrono::seconds(30);
  // How long after the grace the process ends itself if something still hangs. Half of it is for the last outcomes and
  // the ends of calls to reach their readers.
  core::Duration exit_margin = std::chrono::seconds(5);

  // The least severe lines that are written.
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kText;
  // Where spans of traced tasks go: the URL of a collector that speaks OTLP over HTTP. Empty: nowhere.
  std::string trace_endpoint;
  // A file with headers for the collector, which may be secrets. Empty: there are none.
  std::string trace_headers_file;
  // As whose spans the collector shows them.
  std::string trace_service_name = "futured";
  // Of the tasks whose callers record no trace, this share is recorded as well, from 0 to 1.
  double trace_sample = 0;

  // A line for each change of a future's state.
  bool verbose = false;
  // Tell clients the schema (gRPC server reflection). With identities false, unless asked for.
  bool reflection = true;
};

// What the reader may ask about the world.
struct Surroundings {
  // A variable's value, or nullptr.
  std::function<const char*(const char* name)> getenv;
  // Where the running program is; installed plugins are found relative to it.
  std::filesystem::path program_directory;
};

// The process's environment and /proc/self/exe.
Surroundings real_surroundings();

struct CommandLine {
  Options options;
  // Copy the database into this file, instead of serving. Empty: serve.
  std::string backup;
  // Text to print on standard output before a successful exit (--help, --version, --print-config). Empty: serve.
  std::string print;
};

// Reads all sources and finds the plugins and programs. The failure is a text for standard error that names the file,
// line and key, the variable or the flag; the process should exit with 2.
tl::expected<CommandLine, std::string> read_options(int argc, const char* const* argv,
                                                    const Surroundings& surroundings);

}  // namespace futured::server
