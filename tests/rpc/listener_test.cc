#include "server/rpc/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "futured/v1/future_service.grpc.pb.h"
#include "server/rpc/server_settings.h"
#include "tests/support/eventually.h"

namespace futured::rpc {
namespace {

using std::chrono::system_clock;
using testing::eventually;
using testing::kPatience;

bool all_came_and_went(const Listener::Stats& stats, std::uint64_t connections) {
  return stats.accepted + stats.shed == connections && stats.open == 0;
}

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

// A client's connection that says nothing.
Descriptor connect_to(std::uint16_t port) {
  Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) return {};
  return socket;
}

// A gRPC server behind a listener; its service does nothing.
class ServedListener {
 public:
  ServedListener(ListenAddress address, std::size_t max_connections)
      : listener_(
            {{std::move(address)}, max_connections, [this](std::string_view what) { troubles_.emplace_back(what); }}) {
    grpc::ServerBuilder builder;
    apply_server_settings(builder, {});
    const auto accept = add_connection_acceptor(builder);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    auto bound = listener_.bind();
    if (!bound) throw std::runtime_error(bound.error().message);
    address_ = bound->front();
    listener_.start([accept](ListenAddress::Kind, int listening, int connection) { accept(listening, connection); });
  }
  ~ServedListener() {
    listener_.stop();
    server_->Shutdown(system_clock::now());
  }

  const ListenAddress& address() const { return address_; }
  Listener::Stats stats() const { return listener_.stats(); }
  void stop() { listener_.stop(); }
  // After stop().
  const std::vector<std::string>& troubles() const { return troubles_; }

 private:
  std::vector<std::string> troubles_;
  Listener listener_;
  v1::FutureService::CallbackService service_;
  std::unique_ptr<grpc::Server> server_;
  ListenAddress address_;
};

// Whether a gRPC client gets through; it tries again until it is out of patience.
bool serves(const ListenAddress& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 100);
  const auto channel = grpc::CreateCustomChannel(address.to_string(), grpc::InsecureChannelCredentials(), arguments);
  return channel->WaitForConnected(system_clock::now() + kPatience);
}

TEST(ListenerTest, ServesOnBothLoopbackAddresses) {
  for (const char* host : {"127.0.0.1", "::1"}) {
    const ServedListener server({host, 0}, 10);
    EXPECT_NE(server.address().port, 0);
    EXPECT_TRUE(serves(server.address())) << host;
    EXPECT_GE(server.stats().accepted, 1U);
  }
}

TEST(ListenerTest, SeveralAddressesShareOneCap) {
  std::vector<Descriptor> handed_over;
  Listener listener({{{"127.0.0.1", 0}, {"::1", 0}}, 2, {}});
  const auto bound = listener.bind();
  ASSERT_TRUE(bound.has_value()) << bound.error().message;
  ASSERT_EQ(bound->size(), 2U);
  listener.start([&](ListenAddress::Kind, int, int connection) { handed_over.emplace_back(connection); });
  std::vector<Descriptor> connections;
  for (int i = 0; i < 3; ++i) connections.push_back(connect_to(bound->front().port));
  EXPECT_TRUE(eventually([&] { return listener.stats().shed == 1; }));
  EXPECT_EQ(listener.stats().open, 2U);
  listener.stop();
}

TEST(ListenerTest, TwoDaemonsCannotShareAPort) {
  const ServedListener first({"127.0.0.1", 0}, 10);
  Listener second({{first.address()}, 10, {}});
  const auto bound = second.bind();
  ASSERT_FALSE(bound.has_value());
  EXPECT_THAT(bound.error().message, ::testing::HasSubstr("cannot listen on " + first.address().to_string()));
}

TEST(ListenerTest, PortIsFreeAfterStop) {
  ServedListener first({"127.0.0.1", 0}, 10);
  const ListenAddress address = first.address();
  EXPECT_TRUE(serves(address));
  first.stop();
  const ServedListener second(address, 10);
  EXPECT_TRUE(serves(address));
}

// Reliability 0.1, C10.
TEST(ListenerTest, ConnectionsAboveTheCapAreClosedAndOthersServedAgainLater) {
  ServedListener server({"127.0.0.1", 0}, 50);
  std::vector<Descriptor> connections;
  for (int i = 0; i < 150; ++i) connections.push_back(connect_to(server.address().port));
  EXPECT_TRUE(eventually([&] { return server.stats().shed == 100; }));
  EXPECT_EQ(server.stats().open, 50U);

  connections.clear();
  EXPECT_TRUE(eventually([&] { return server.stats().open == 0; }));
  EXPECT_TRUE(serves(server.address()));
  server.stop();
  EXPECT_EQ(server.troubles().size(), 1U);
}

TEST(ListenerTest, ClosedConnectionsLeaveNoDescriptors) {
  const ServedListener server({"127.0.0.1", 0}, 100);
  EXPECT_TRUE(serves(server.address()));
  EXPECT_TRUE(eventually([&] { return server.stats().open == 0; }));
  const std::size_t before = open_descriptors();
  for (int round = 0; round < 20; ++round) {
    std::vector<Descriptor> connections;
    for (int i = 0; i < 50; ++i) connections.push_back(connect_to(server.address().port));
    connections.clear();
    const std::uint64_t so_far = 1U + 50U * static_cast<unsigned>(round + 1);
    ASSERT_TRUE(eventually([&] { return all_came_and_went(server.stats(), so_far); }));
  }
  EXPECT_TRUE(eventually([&] { return open_descriptors() <= before; })) << open_descriptors() << " from " << before;
}

// The other process of the test below: opens connections to the port it reads, and closes them when told to.
[[noreturn]] void connect_and_close(int commands, int answers) {
  std::uint16_t port = 0;
  char command = 0;
  if (read(commands, &port, sizeof(port)) != sizeof(port)) _exit(1);
  std::vector<Descriptor> connections;
  for (int i = 0; i < 150; ++i) connections.push_back(connect_to(port));
  if (write(answers, "c", 1) != 1 || read(commands, &command, 1) != 1) _exit(1);
  connections.clear();
  _exit(0);
}

// Runs a server that may open 64 descriptors against it. Returns what went wrong, or an empty text.
std::string survive_exhaustion() {
  int commands[2];
  int answers[2];
  if (pipe2(commands, O_CLOEXEC) != 0 || pipe2(answers, O_CLOEXEC) != 0) return "pipe";
  if (fork() == 0) connect_and_close(commands[0], answers[1]);
  const rlimit limit{64, 64};
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return "setrlimit";

  const ServedListener server({"127.0.0.1", 0}, 1'000);
  const std::uint16_t port = server.address().port;
  // UndefinedBehaviorSanitizer opens descriptors to look at a type for the first time: let it see all of them before.
  if (!serves(server.address()) || !eventually([&] { return server.stats().open == 0; }))
    return "does not serve at all";
  const std::uint64_t before = server.stats().accepted;
  char answer = 0;
  if (write(commands[1], &port, sizeof(port)) != sizeof(port) || read(answers[0], &answer, 1) != 1) return "client";
  if (!eventually([&] { return server.stats().exhausted > 0; })) return "descriptors did not run out";
  if (write(commands[1], "x", 1) != 1) return "client";
  if (!eventually([&] { return all_came_and_went(server.stats(), before + 150); })) return "not recovered";
  if (server.stats().exhausted > 10'000) return "spins";
  return serves(server.address()) ? "" : "does not serve";
}

// Reliability 0.1: gRPC's own listener never accepts again.
TEST(ListenerDeathTest, ServesAgainAfterDescriptorsRanOut) {
  ::testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_EXIT(
      {
        const std::string failure = survive_exhaustion();
        std::fprintf(stderr, "outcome: %s\n", failure.empty() ? "recovered" : failure.c_str());
        _exit(failure.empty() ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "outcome: recovered");
}

TEST(ListenAddressTest, TextsReadBackTheSame) {
  for (const char* text : {"127.0.0.1:7070", "[::1]:0", "0.0.0.0:65535", "tls://0.0.0.0:7443", "tls://[::1]:7443",
                           "unix:/run/futured/futured.sock"}) {
    const auto address = parse_listen_address(text);
    ASSERT_TRUE(address.has_value()) << text;
    EXPECT_EQ(address->to_string(), text);
  }
  EXPECT_EQ(parse_listen_address("localhost:1")->to_string(), "127.0.0.1:1");
}

TEST(ListenAddressTest, OnlyLoopbackIsLoopback) {
  for (const char* text : {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "tls://127.0.0.1:1", "unix:/a"}) {
    EXPECT_TRUE(parse_listen_address(text)->is_loopback()) << text;
  }
  for (const char* text : {"0.0.0.0:1", "10.0.0.1:1", "[::]:1", "[fe80::1]:1", "tls://0.0.0.0:1"}) {
    EXPECT_FALSE(parse_listen_address(text)->is_loopback()) << text;
  }
}

TEST(ListenAddressTest, OtherTextsAreRefused) {
  for (const char* text : {"", "7070", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "::1:7070",
                           "[::1]", "[127.0.0.1:1", "example.com:80", "127.1:1", ":1", "127.0.0.1:1x", "tls://",
                           "unix:", "unix:a", "unix:/a/", "http://127.0.0.1:1"}) {
    EXPECT_FALSE(parse_listen_address(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace futured::rpc
