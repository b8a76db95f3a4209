#include "server/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server_posix.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <utility>
#include <vector>

#include "futured/plugin_loader.h"
#include "server/access.h"
#include "server/core/future_table.h"
#include "server/descriptor_limit.h"
#include "server/executors.h"
#include "server/http_setup.h"
#include "server/memory_trim.h"
#include "server/open_exporter.h"
#include "server/open_store.h"
#include "server/rpc/daemon_service.h"
#include "server/rpc/executor_service.h"
#include "server/rpc/future_service.h"
#include "server/rpc/listener.h"
#include "server/rpc/own_channel.h"
#include "server/rpc/server_settings.h"
#include "server/rpc/session_reactor.h"
#include "server/rpc/store_service.h"
#include "server/serving.h"
#include "server/transition_log.h"

namespace futured::server {
namespace {

// Room for everything of a message but its payload.
constexpr std::uint64_t kEnvelope = std::uint64_t{1} << 20;
// Of everything but connections and processes: files, sockets to elsewhere, what functions open.
constexpr std::uint64_t kOwnDescriptors = 256;
// Of one that runs, and one that takes its place.
constexpr std::uint64_t kDescriptorsPerProcess = 10;
// How long connections without calls may take to close. gRPC asks each client by a ping whether it is ready, and one
// that sleeps does not answer.
constexpr auto kLeave = std::chrono::milliseconds(200);

// How long what is killed at the end of the grace may take to be gone.
constexpr auto kKillingTime = std::chrono::seconds(1);
// What clients are told to wait before they look for the next daemon.
constexpr auto kComeBackIn = std::chrono::milliseconds(1000);

// Nobody can guess it.
std::string random_proof() { return to_string(core::random_session_id()) + to_string(core::random_session_id()); }

tl::expected<void, std::string> write_port_file(const std::string& file, const std::vector<std::string>& addresses) {
  if (file.empty()) return {};
  // Readers wait for the file to appear, so it must appear whole.
  const std::string unfinished = file + ".new";
  {
    std::ofstream out(unfinished);
    for (const std::string& address : addresses) out << address << '\n';
  }
  std::error_code error;
  std::filesystem::rename(unfinished, file, error);
  if (!error) return {};
  return tl::unexpected("port file " + file + ": " + error.message());
}

}  // namespace

// In the order in which they are made; they go in reverse.
struct Server::Parts {
  Parts(const Options& the_options, Logger& the_logger, const core::SystemClock& the_clock,
        std::unique_ptr<core::Store> the_store, std::unique_ptr<trace::OtlpExporter> the_spans)
      : options(the_options),
        logger(the_logger),
        clock(the_clock),
        store(std::move(the_store)),
        transition_log(*store, logger),
        spans(std::move(the_spans)),
        table({clock,
               timekeeper,
               options.verbose ? static_cast<core::Store&>(transition_log) : *store,
               {spans.get(), options.trace_sample, core::random_session_id().high}},
              options.limits),
        ids(core::random_session_id()) {}
  // Neither may call the table any more when it goes.
  ~Parts() {
    stop_http(core::Time::min());
    timekeeper.stop();
    store->close();
  }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  void allow_connections() const;
  void load_plugins();
  tl::expected<void, std::string> load_futures();
  // `exit` has the process begin to end.
  void start_services(const std::function<void()>& exit);
  tl::expected<void, std::string> bind();
  tl::expected<void, std::string> start_grpc();
  tl::expected<void, std::string> bind_http();
  http::DaemonFigures figures() const;
  // Ends what is asked over HTTP, too.
  void stop_http(core::Time deadline) const;
  tl::expected<void, std::string> write_port_files() const;
  std::uint64_t max_message_size() const {
    return std::max(options.max_arguments_size, options.max_value_size) + kEnvelope;
  }

  const Options options;
  Logger& logger;
  const core::SystemClock& clock;
  const std::unique_ptr<core::Store> store;
  TransitionLog transition_log;
  // Null: there are none.
  const std::unique_ptr<trace::OtlpExporter> spans;
  core::ThreadTimekeeper timekeeper;
  core::FutureTable table;
  core::IdSource ids;
  std::unique_ptr<Access> access;
  MemoryTrim memory_trim;
  Registry registry;
  std::unique_ptr<Executors> executors;
  rpc::SessionSettings session_settings;
  rpc::SessionRegistry sessions;
  std::unique_ptr<rpc::FutureService> future_service;
  std::unique_ptr<rpc::DaemonService> daemon_service;
  std::unique_ptr<rpc::ExecutorService> executor_service;
  std::unique_ptr<rpc::StoreService> store_service;
  std::unique_ptr<grpc::Server> grpc;
  std::unique_ptr<rpc::Listener> listener;
  std::vector<std::string> addresses;
  Serving serving{table, logger};
  // Calls that come over HTTP, and by what they prove themselves.
  const std::string http_proof = random_proof();
  std::unique_ptr<rpc::OwnChannel> own_channel;
  std::unique_ptr<http::Server> http;
};

Server::Server(Options options, Logger& logger, Ends ends)
    : options_(std::move(options)), logger_(logger), ends_(std::move(ends)) {}
Server::~Server() = default;

const std::string& Server::address() const { return parts_->addresses.front(); }

void Server::reload() { parts_->access->reload(); }

tl::expected<void, std::string> Server::start() {
  auto store = open_store(options_, clock_, logger_, ends_.failed);
  if (!store) return tl::unexpected(store.error().message);
  auto spans = open_exporter(options_, clock_, logger_);
  if (!spans) return tl::unexpected(spans.error());
  parts_ = std::make_unique<Parts>(options_, logger_, clock_, *std::move(store), *std::move(spans));
  return start_parts();
}

tl::expected<void, std::string> Server::start_parts() {
  Parts& parts = *parts_;
  try {
    parts.load_plugins();
  } catch (const std::exception& error) {
    return tl::unexpected<std::string>(error.what());
  }
  auto access =
      Access::open({parts.options, parts.logger, parts.clock, parts.timekeeper, parts.table, parts.http_proof});
  if (!access) return tl::unexpected(access.error());
  parts.access = *std::move(access);
  if (auto bound = parts.bind(); !bound) return bound;
  if (auto bound = parts.bind_http(); !bound) return bound;
  parts.allow_connections();

  parts.executors = std::make_unique<Executors>(parts.options, parts.registry, parts.logger);
  if (auto started = parts.executors->start(parts.table, parts.clock); !started) return started;
  if (auto loaded = parts.load_futures(); !loaded) return loaded;
  parts.start_services(ends_.asked);
  if (auto started = parts.start_grpc(); !started) return started;
  if (parts.http != nullptr) parts.http->start();
  if (auto written = parts.write_port_files(); !written) {
    stop(std::chrono::nanoseconds(0));
    return written;
  }
  for (const std::string& address : parts.addresses) {
    parts.logger.info("listening", {{"address", address}, {"functions", parts.registry.functions().size()}});
  }
  if (parts.http != nullptr) parts.logger.info("listening for HTTP", {{"address", parts.http->address()}});
  return {};
}

tl::expected<void, std::string> Server::Parts::bind() {
  rpc::Listener::Settings settings;
  for (const std::string& text : options.listen) settings.addresses.push_back(*rpc::parse_listen_address(text));
  settings.max_connections = options.max_connections;
  settings.on_trouble = [this](std::string_view what) { logger.warning("connections", {{"trouble", what}}); };
  settings.on_close = [this] { memory_trim.ask(); };
  settings.max_unread =
      std::chrono::duration_cast<std::chrono::milliseconds>(options.keepalive_time + options.keepalive_timeout);
  settings.unix_peers = &access->unix_peers();
  settings.unix_access = access->unix_access();
  listener = std::make_unique<rpc::Listener>(std::move(settings));
  const auto bound = listener->bind();
  if (!bound) return tl::unexpected(bound.error().message);
  for (const rpc::ListenAddress& address : *bound) addresses.push_back(address.to_string());
  return {};
}

void Server::Parts::allow_connections() const {
  std::uint64_t wanted = kOwnDescriptors + rpc::Listener::kDescriptorsPerConnection * options.max_connections +
                         options.http_max_connections;
  for (const ExecutorOptions& executor : options.executors) {
    if (executor.kind == "process") wanted += kDescriptorsPerProcess * executor.max_workers;
  }
  const bool has_unix = std::ranges::any_of(options.listen, [](const auto& text) { return text.starts_with("unix:"); });
  if (has_unix) wanted += rpc::UnixPeers::kNumbers;
  const std::uint64_t allowed = allow_descriptors(wanted);
  if (allowed < wanted) {
    logger.warning("fewer descriptors than max_connections and max_workers need",
                   {{"allowed", allowed}, {"needed", wanted}});
  }
}

void Server::Parts::load_plugins() {
  for (const std::string& path : options.plugins) {
    load_plugin(path, registry);
    logger.info("plugin", {{"path", path}});
  }
}

// Executors that are not configured any more stand in for those of old futures, which nobody begins then.
tl::expected<void, std::string> Server::Parts::load_futures() {
  std::uint64_t waiting = 0;
  const auto loaded = store->load([&](std::vector<core::StoredFuture> futures) {
    for (const core::StoredFuture& future : futures) {
      executors->add_absent(future.task.executor, table);
      waiting += is_final(future.state) ? 0 : 1;
    }
    table.restore(std::move(futures));
  });
  if (!loaded) return tl::unexpected(loaded.error().message);
  if (loaded->futures > 0) logger.info("futures that survived", {{"all", loaded->futures}, {"unfinished", waiting}});
  table.restored(loaded->highest_sequence, loaded->ended_in_order);
  return {};
}

void Server::Parts::start_services(const std::function<void()>& exit) {
  // Of IDs that the daemon draws itself.
  table.open_drawn_session(ids.session());
  session_settings.epoch = to_string(core::random_session_id());
  session_settings.version = FUTURED_VERSION;
  session_settings.max_arguments_size = options.max_arguments_size;
  session_settings.max_message_size = options.max_arguments_size + kEnvelope;
  rpc::RequestLimits limits;
  limits.max_arguments_size = options.max_arguments_size;
  limits.max_ids_per_call = options.max_ids_per_call;
  rpc::Gate& gate = access->gate();
  future_service = std::make_unique<rpc::FutureService>(
      rpc::FutureService::Parts{table, clock, timekeeper, ids, gate, [this] { memory_trim.ask(); }}, limits,
      [this, &gate](grpc::CallbackServerContext* context) {
        return rpc::SessionReactor::start({table, clock, timekeeper, sessions, session_settings, gate}, *context);
      });
  executor_service = std::make_unique<rpc::ExecutorService>(table, clock, gate);
  daemon_service = std::make_unique<rpc::DaemonService>(rpc::DaemonService::Parts{
      table, gate, store->keeps_futures(), FUTURED_VERSION, session_settings.epoch,
      [this](core::Draining how) { serving.drain(how); }, [this] { return serving.resume(); }, exit});
  store_service = std::make_unique<rpc::StoreService>(rpc::StoreService::Parts{*store, table, gate},
                                                      [this] { return new_copy(options); });
}

tl::expected<void, std::string> Server::Parts::start_grpc() {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  rpc::ServerSettings settings;
  settings.max_message_size = max_message_size();
  settings.max_metadata_size = options.max_metadata_size;
  settings.max_streams_per_connection = options.max_streams_per_connection;
  settings.keepalive_time = options.keepalive_time;
  settings.keepalive_timeout = options.keepalive_timeout;
  settings.handshake_timeout = options.handshake_timeout;
  settings.max_connection_idle = options.max_connection_idle;
  settings.reflection = options.reflection;
  rpc::apply_server_settings(builder, settings);
  builder.RegisterService(future_service.get());
  builder.RegisterService(executor_service.get());
  builder.RegisterService(daemon_service.get());
  builder.RegisterService(store_service.get());
  const auto plain = rpc::add_connection_acceptor(builder);
  const auto credentials = access->tls_credentials();
  const auto tls = credentials == nullptr ? plain : rpc::add_connection_acceptor(builder, credentials);
  own_channel->set_handover(rpc::add_connection_acceptor(builder));
  grpc = builder.BuildAndStart();
  if (grpc == nullptr)
    return tl::unexpected<std::string>("gRPC does not start; is something amiss with the TLS files?");
  serving.begin(*grpc);
  listener->start([plain, tls, this](rpc::ListenAddress::Kind kind, int listening, int connection) {
    using Kind = rpc::ListenAddress::Kind;
    if (kind == Kind::kUnix) return grpc::AddInsecureChannelFromFd(grpc.get(), connection);
    (kind == Kind::kTls ? tls : plain)(listening, connection);
  });
  access->watch_calls([this](const rpc::LiveCalls::Check& check) {
    future_service->end_unless(check);
    sessions.end_unless(check);
    store_service->end_unless(check);
  });
  return {};
}

tl::expected<void, std::string> Server::Parts::bind_http() {
  own_channel = std::make_unique<rpc::OwnChannel>(max_message_size());
  const http::Sources sources{
      table, *store, [this] { return figures(); }, options.limits, options.max_connections, FUTURED_VERSION};
  const auto account_of = [this](auto credentials) { return access->gate().account_of(credentials); };
  auto made =
      make_http(options, {*own_channel, *own_channel, clock, sources, [this] { return serving.now(); }, account_of},
                http_proof, logger);
  if (!made) return tl::unexpected(made.error());
  http = *std::move(made);
  return {};
}

http::DaemonFigures Server::Parts::figures() const {
  const rpc::Listener::Stats connections = listener->stats();
  http::DaemonFigures figures;
  figures.connections = connections.open;
  figures.connections_accepted = connections.accepted;
  figures.connections_shed = connections.shed;
  figures.connections_unread = connections.unread;
  figures.descriptors_exhausted = connections.exhausted;
  figures.sessions = sessions.size();
  figures.waiting_calls = future_service->live_reactors();
  figures.log_lines_dropped = logger.dropped();
  add_figures(spans.get(), figures);
  return figures;
}

void Server::Parts::stop_http(core::Time deadline) const {
  if (http != nullptr) http->stop(deadline);
  if (own_channel != nullptr) own_channel->stop();
}

tl::expected<void, std::string> Server::Parts::write_port_files() const {
  if (http != nullptr) {
    if (auto written = write_port_file(options.http_port_file, {http->address()}); !written) return written;
  }
  // At last: who has seen it finds the other.
  return write_port_file(options.port_file, addresses);
}

void Server::tell_that_it_failed() { parts_->serving.fail(); }

bool Server::stop(std::chrono::nanoseconds grace) {
  Parts& parts = *parts_;
  parts.serving.drain(core::Draining::kForGood);
  // What is pending runs after the next start, where a store keeps it.
  const auto pending = parts.table.cancel_unkept(core::CancelMode::kPending);
  parts.logger.info("draining", {{"cancelled", pending.cancelled}, {"running", parts.table.stats().running}});

  bool idle = parts.table.wait_until_idle(parts.clock.now() + grace);
  if (!idle) {
    const auto left = parts.table.cancel_unkept(core::CancelMode::kForce);
    parts.logger.warning("the grace is over",
                         {{"running", parts.table.stats().running}, {"cancelled", left.cancelled}});
    // Also those whose futures have ended without them.
    parts.table.expect_lost_workers();
    parts.executors->end_processes();
    idle = parts.table.wait_until_idle(parts.clock.now() + kKillingTime);
  }
  // Calls and streams normally end at once; a reader that is slow may take a while.
  const core::Time farewell = parts.clock.now() + parts.options.exit_margin / 2;
  parts.table.wait_until_told(farewell);
  const core::Status going_away{core::Reason::kDaemonStopping, "the daemon is shutting down", kComeBackIn};
  parts.future_service->end_waits(going_away);
  parts.sessions.end_all(going_away);
  parts.store_service->end_backups(going_away);
  parts.listener->stop();
  const bool ended = parts.future_service->wait_until_none(farewell) && parts.sessions.wait_until_none(farewell) &&
                     parts.store_service->wait_until_none(farewell);
  if (!ended) parts.logger.warning("calls whose clients do not read are broken off");
  parts.stop_http(farewell);
  parts.grpc->Shutdown(std::chrono::system_clock::now() + kLeave);
  if (!idle) {
    if (parts.spans != nullptr) parts.spans->stop();
    return false;
  }
  parts.executors->stop();
  parts.timekeeper.stop();
  parts.store_service->stop();
  parts.store->close();
  if (parts.spans != nullptr) parts.spans->stop();
  return true;
}

}  // namespace futured::server
