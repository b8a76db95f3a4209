#include "server/settings.h"

#include <algorithm>
#include <cctype>

#include "futured/task.h"
#include "server/rpc/listen_address.h"
#include "server/setting_rows.h"
#include "server/suggestion.h"
#include "server/trace/endpoint.h"

namespace futured::server {
namespace {

Setting<Options> listen_row() {
  Setting<Options> row = list<Options>(
      "listen", "ADDRESS[,ADDRESS…]", Setting<Options>::Kind::kAddresses, [](auto& o) -> auto& { return o.listen; },
      "Where to serve: HOST:PORT, tls://HOST:PORT or unix:/PATH; HOST is an IPv4 address, [IPv6 address] or localhost; "
      "port 0: any free one");
  row.set = [set = row.set](Options& options, std::span<const std::string> texts) -> Parsed<void> {
    if (texts.empty()) return tl::unexpected<std::string>("there must be at least one address");
    for (const std::string& text : texts) {
      const auto address = rpc::parse_listen_address(text);
      if (!address) return tl::unexpected(address.error().message);
    }
    return set(options, texts);
  };
  row.show = [show = row.show](const Options& options) {
    return options.listen.size() == 1 ? quote(options.listen.front()) : show(options);
  };
  return row;
}

Setting<Options> http_listen_row() {
  const auto parse = [](const std::string& given) -> Parsed<std::string> {
    const auto address = rpc::parse_listen_address(given);
    if (given != kHttpOff && !address) return tl::unexpected(address.error().message);
    return given;
  };
  return value<Options>(
      "http_listen", "HOST:PORT|off", [](auto& o) -> auto& { return o.http_listen; }, parse, quote,
      "Where to serve metrics, and JSON over HTTP; off: nowhere; unset: 127.0.0.1:7071, if that is free");
}

Setting<Options> trace_endpoint_row() {
  const auto parse = [](const std::string& given) -> Parsed<std::string> {
    if (given.empty()) return given;
    const auto endpoint = trace::parse_endpoint(given);
    if (!endpoint) return tl::unexpected(endpoint.error());
    return given;
  };
  return value<Options>(
      "trace_endpoint", "URL", [](auto& o) -> auto& { return o.trace_endpoint; }, parse,
      [](const std::string& url) { return url.empty() ? std::string() : quote(url); },
      "Where spans of traced tasks go: a collector that takes OTLP over HTTP, as http://127.0.0.1:4318; unset: "
      "nowhere");
}

Setting<Options> paths(std::string_view name, auto get, std::string_view help) {
  return list<Options>(name, "PATH[:PATH…]", Setting<Options>::Kind::kPaths, get, help);
}

std::vector<Setting<Options>> make_settings() {
  using O = Options;
  static constexpr std::string_view kLevels[] = {"debug", "info", "warning", "error"};
  constexpr core::Duration kSecond = std::chrono::seconds(1);
  static constexpr std::string_view kFormats[] = {"text", "json"};
  static constexpr std::string_view kClientCertificateRules[] = {"require", "accept"};
  return {
      listen_row(),
      toggle<O>(
          "listen_insecurely_on_any_interface", [](auto& o) -> auto& { return o.listen_insecurely_on_any_interface; },
          "Let `listen` be other than loopback without TLS and authentication, although anybody who reaches it may run "
          "every "
          "function"),
      text<O>(
          "port_file", "FILE", [](auto& o) -> auto& { return o.port_file; },
          "Write the addresses that were bound into this file, a line each"),
      path<O>(
          "tls_certificate", [](auto& o) -> auto& { return o.tls_certificate; },
          "What TLS shows: a certificate and those that lead to its authority, PEM"),
      path<O>(
          "tls_key", [](auto& o) -> auto& { return o.tls_key; }, "The key of tls_certificate, PEM, mode 0600"),
      path<O>(
          "tls_client_ca", [](auto& o) -> auto& { return o.tls_client_ca; },
          "Authorities of the certificates that TLS clients show, PEM; unset: they are not asked for one"),
      choice<O>(
          "tls_client_certificates", "require|accept", [](auto& o) -> auto& { return o.tls_client_certificates; },
          kClientCertificateRules, "With tls_client_ca: whether there is a connection without one"),
      path<O>(
          "identities", [](auto& o) -> auto& { return o.identities; },
          "Who may do what, TOML; see SECURITY.md. Unset: whoever reaches the daemon may do everything"),
      path<O>(
          "tokens", [](auto& o) -> auto& { return o.tokens; },
          "Tokens of identities, as hashes, mode 0600; futuredctl token makes them"),
      path<O>(
          "audit_log", [](auto& o) -> auto& { return o.audit_log; },
          "Write a JSON line of each call, who made it and whether he might; needs identities"),
      http_listen_row(),
      text<O>(
          "http_port_file", "FILE", [](auto& o) -> auto& { return o.http_port_file; },
          "Write the address that was bound for HTTP into this file"),
      list<O>(
          "http_hosts", "NAME[:NAME…]", Setting<O>::Kind::kTexts, [](auto& o) -> auto& { return o.http_hosts; },
          "Names under which the daemon is called over HTTP, beside localhost and its address"),
      path<O>(
          "data_dir", [](auto& o) -> auto& { return o.data_dir; },
          "Where futures survive the daemon; unset: /var/lib/futured for root, else $XDG_STATE_HOME/futured"),
      toggle<O>(
          "memory", [](auto& o) -> auto& { return o.memory; }, "Keep futures in memory only: they end with the daemon"),
      toggle<O>(
          "sync_every_commit", [](auto& o) -> auto& { return o.sync_every_commit; },
          "Sync the disk before anything is acknowledged; false: a power cut may take what was acknowledged last"),
      size<O>(
          "wal_limit", [](auto& o) -> auto& { return o.wal_limit; }, 256 << 10, kNoLimit,
          "Write-ahead log of the database"),
      size<O>(
          "min_disk_free", [](auto& o) -> auto& { return o.min_disk_free; }, 0, kNoLimit,
          "Room on the disk of data_dir; with less no task is taken"),
      paths(
          "plugins", [](auto& o) -> auto& { return o.plugins; }, "Shared libraries that bring functions"),
      paths(
          "plugin_path", [](auto& o) -> auto& { return o.plugin_path; },
          "Directories to look for plugins given by bare names, before the installed ones"),
      size<O>(
          "max_arguments_size", [](auto& o) -> auto& { return o.max_arguments_size; }, 1, kMaxPayload,
          "Arguments of one task"),
      size<O>(
          "max_value_size", [](auto& o) -> auto& { return o.max_value_size; }, 1, kMaxPayload, "Value of one task"),
      size<O>(
          "max_metadata_size", [](auto& o) -> auto& { return o.max_metadata_size; }, 1 << 10, 1 << 20,
          "Headers of one call"),
      count<O>(
          "max_ids_per_call", [](auto& o) -> auto& { return o.max_ids_per_call; }, 1, kNoLimit,
          "IDs, or tasks, in one unary call"),
      count<O>(
          "max_connections", [](auto& o) -> auto& { return o.max_connections; }, 1, 1'000'000,
          "Open connections; further ones are closed at once"),
      count<O>(
          "http_max_connections", [](auto& o) -> auto& { return o.http_max_connections; }, 1, 1'000'000,
          "Open connections of HTTP; further ones are closed at once"),
      count<O>(
          "http_max_event_streams", [](auto& o) -> auto& { return o.http_max_event_streams; }, 1, 1'000'000,
          "Open event streams over HTTP: figures, tasks, watched futures"),
      count<O>(
          "max_streams_per_connection", [](auto& o) -> auto& { return o.max_streams_per_connection; }, 1, 1'000'000,
          "Calls under way on one connection; further ones wait in the client"),
      duration<O>(
          "keepalive_time", kSecond, [](auto& o) -> auto& { return o.keepalive_time; },
          "Silence of a client after which it is asked whether it is there"),
      duration<O>(
          "keepalive_timeout", kSecond, [](auto& o) -> auto& { return o.keepalive_timeout; },
          "How long it may take to answer; then its connection is closed"),
      duration<O>(
          "handshake_timeout", kSecond, [](auto& o) -> auto& { return o.handshake_timeout; },
          "How long a new connection may take until it speaks the protocol"),
      duration<O>(
          "max_connection_idle", kSecond, [](auto& o) -> auto& { return o.max_connection_idle; },
          "How long a connection may be without a call; then it is closed"),
      count<O>(
          "max_waiters", [](auto& o) -> auto& { return o.limits.max_subscribers; }, 1, kNoLimit,
          "Waiting calls and open sessions, together"),
      count<O>(
          "max_pending", [](auto& o) -> auto& { return o.limits.max_pending; }, 1, kNoLimit,
          "Futures that have not finished"),
      size<O>(
          "max_pending_bytes", [](auto& o) -> auto& { return o.limits.max_pending_bytes; }, 1, kNoLimit,
          "Arguments of all futures that have not finished"),
      // At least as long as tasks that are lent together may wait for each other.
      duration<O>(
          "max_timeout", kSecond, [](auto& o) -> auto& { return o.limits.max_timeout; },
          "How long a task may run that does not say; longer timeouts are refused; unset: for ever"),
      duration<O>(
          "retention", [](auto& o) -> auto& { return o.limits.retention; },
          "How long an outcome is kept, unless its task says otherwise"),
      count<O>(
          "max_retained", [](auto& o) -> auto& { return o.limits.max_retained; }, 1, kNoLimit,
          "Finished futures that are kept; above it the oldest are forgotten"),
      size<O>(
          "max_retained_bytes", [](auto& o) -> auto& { return o.limits.max_retained_bytes; }, 1, kNoLimit,
          "Values and errors of all finished futures, and arguments of those that failed, that are kept"),
      count<O>(
          "max_log_lines", [](auto& o) -> auto& { return o.limits.max_log_lines; }, 0, kNoLimit,
          "Lines kept of what one task logs; above it the oldest are dropped"),
      size<O>(
          "max_log_bytes", [](auto& o) -> auto& { return o.limits.max_log_bytes; }, 0, kNoLimit, "Text of these lines"),
      size<O>(
          "max_log_memory", [](auto& o) -> auto& { return o.limits.max_log_memory; }, 0, kNoLimit,
          "Memory for the lines of all tasks; above it the oldest of all are dropped"),
      duration<O>(
          "drain_grace", [](auto& o) -> auto& { return o.drain_grace; },
          "How long running tasks may go on after SIGTERM"),
      duration<O>(
          "exit_margin", [](auto& o) -> auto& { return o.exit_margin; },
          "How long after the grace the process ends itself if something still hangs"),
      choice<O>(
          "log_level", "debug|info|warning|error", [](auto& o) -> auto& { return o.log_level; }, kLevels,
          "The least severe lines that are written"),
      choice<O>(
          "log_format", "text|json", [](auto& o) -> auto& { return o.log_format; }, kFormats,
          "How lines are written to standard error"),
      trace_endpoint_row(),
      text<O>(
          "trace_headers_file", "FILE", [](auto& o) -> auto& { return o.trace_headers_file; },
          "Headers for the collector, such as \"Authorization: Bearer …\", a line each; only its owner may read it"),
      text<O>(
          "trace_service_name", "NAME", [](auto& o) -> auto& { return o.trace_service_name; },
          "As whose spans the collector shows them"),
      value<O>(
          "trace_sample", "SHARE", [](auto& o) -> auto& { return o.trace_sample; }, parse_share, print_share,
          "Share of the tasks to trace whose callers do not, from 0 to 1"),
      toggle<O>(
          "verbose", [](auto& o) -> auto& { return o.verbose; }, "Write a line for each change of a future's state"),
      toggle<O>(
          "reflection", [](auto& o) -> auto& { return o.reflection; },
          "Tell clients the schema (grpcurl needs it); with identities false, unless it is set"),
  };
}

// What is not set is commented out.
template <class T>
void print_row(const Setting<T>& row, const T& target, std::string& out) {
  const std::string shown = row.show(target);
  out.append("# ").append(row.help).append(shown.empty() ? "\n# " : "\n").append(row.name).append(" = ");
  out.append(shown).append("\n");
}

template <class T>
T* named(std::vector<T>& all, std::string_view name) {
  for (T& each : all) {
    if (each.name == name) return &each;
  }
  T& added = all.emplace_back();
  added.name = name;
  return &added;
}

}  // namespace

std::string quote(std::string_view text) {
  constexpr const char* kHex = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) {
      out += c;
    } else {
      out.append("\\u00").append({kHex[c >> 4], kHex[c & 0xf]});
    }
  }
  return out + '"';
}

std::string listed(std::span<const std::string> texts) {
  std::string out = "[";
  for (const std::string& text : texts) out += (out.size() > 1 ? ", " : "") + quote(text);
  return out + "]";
}

const std::vector<Setting<Options>>& settings() {
  static const std::vector<Setting<Options>> rows = make_settings();
  return rows;
}

std::string flag_name(std::string_view name) {
  std::string flag = "--" + std::string(name);
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

std::string variable_name(std::string_view name) {
  std::string variable = "FUTURED_";
  for (const char c : name) variable += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return variable;
}

Parsed<ExecutorOptions*> executor_named(Options& options, std::string_view name) {
  const auto fits = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; };
  if (name.empty() || name.size() > 64 || !std::all_of(name.begin(), name.end(), fits)) {
    return tl::unexpected("an executor's name is 1 to 64 letters, digits, _ or -, got " + quote(name));
  }
  return named(options.executors, name);
}

Parsed<FunctionOptions*> function_named(Options& options, std::string_view name) {
  if (is_function_name(name)) return named(options.functions, name);
  return tl::unexpected("a function's name is 1 to 128 characters of [A-Za-z0-9_.-], got " + quote(name));
}

template <class T>
Parsed<const Setting<T>*> find_setting(const std::vector<Setting<T>>& rows, std::string_view name) {
  std::vector<std::string> names;
  for (const Setting<T>& row : rows) {
    if (row.name == name) return &row;
    names.emplace_back(row.name);
  }
  return tl::unexpected("unknown key" + did_you_mean(name, names));
}

template Parsed<const Setting<Options>*> find_setting(const std::vector<Setting<Options>>&, std::string_view);
template Parsed<const Setting<ExecutorOptions>*> find_setting(const std::vector<Setting<ExecutorOptions>>&,
                                                              std::string_view);
template Parsed<const Setting<FunctionOptions>*> find_setting(const std::vector<Setting<FunctionOptions>>&,
                                                              std::string_view);

std::string print_settings(const Options& options) {
  std::string out;
  for (const auto& row : settings()) print_row(row, options, out);
  for (const ExecutorOptions& executor : options.executors) {
    out.append("\n[executors.").append(executor.name).append("]\n");
    for (const auto& row : executor_settings()) {
      if (row.is_for(executor.kind)) print_row(row, executor, out);
    }
  }
  for (const FunctionOptions& function : options.functions) {
    out.append("\n[functions.").append(quote(function.name)).append("]\n");
    for (const auto& row : function_settings()) print_row(row, function, out);
  }
  return out;
}

}  // namespace futured::server
