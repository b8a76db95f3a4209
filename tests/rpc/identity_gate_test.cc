// The gate and the ways by which calls reach it.
#include "server/rpc/identity_gate.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <grpcpp/create_channel_posix.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/server_posix.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/core/clock.h"
#include "server/core/mutex.h"
#include "server/rpc/server_settings.h"
#include "tests/support/raw_call.h"

namespace futured::rpc {
namespace {

using testing::bearer;
using ::testing::ElementsAre;
using testing::Metadata;

constexpr const char* kNonce = "the-secret-of-this-process";
constexpr const char* kMethod = "/futured.v1.FutureService/List";

// Answers every call with what the gate says of it.
class GateService final : public grpc::CallbackGenericService {
 public:
  explicit GateService(Gate& gate) : gate_(gate) {}

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override {
    class Reactor final : public grpc::ServerGenericBidiReactor {
     public:
      explicit Reactor(const grpc::Status& status) { Finish(status); }
      void OnDone() override { delete this; }
    };
    const auto caller = gate_.admit(*context, context->method());
    if (!caller) {
      return new Reactor({static_cast<grpc::StatusCode>(caller.error().code()), caller.error().message});
    }
    const core::MutexLock lock(mu_);
    peers_.push_back(caller->visit->identity + " " + caller->visit->peer);
    return new Reactor(grpc::Status::OK);
  }
  // Of those that were let in: who, and from where.
  std::vector<std::string> peers() const {
    const core::MutexLock lock(mu_);
    return peers_;
  }

 private:
  Gate& gate_;
  mutable core::Mutex mu_;
  std::vector<std::string> peers_ FUTURED_GUARDED_BY(mu_);
};

class IdentityGateTest : public ::testing::Test {
 public:
  ~IdentityGateTest() override { server_->Shutdown(std::chrono::system_clock::now()); }

 protected:
  // gRPC's server, which has no address.
  IdentityGateTest() {
    grpc::ServerBuilder builder;
    apply_server_settings(builder, {});
    builder.RegisterCallbackGenericService(&service_);
    accept_ = add_connection_acceptor(builder);
    server_ = builder.BuildAndStart();
  }

  // A channel to the server by a pair of sockets, as the daemon's own.
  std::shared_ptr<grpc::Channel> own_channel() {
    auto [client, server] = pair();
    accept_(-1, server);
    return grpc::CreateInsecureChannelFromFd("own", client);
  }
  // The same, as one that came to a Unix socket.
  std::shared_ptr<grpc::Channel> unix_channel() {
    auto [client, server] = pair();
    auto taken = unix_peers_.take(Descriptor(server));
    EXPECT_TRUE(taken.has_value());
    grpc::AddInsecureChannelFromFd(server_.get(), taken->release());
    return grpc::CreateInsecureChannelFromFd("unix", client);
  }
  static std::pair<int, int> pair() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
    return {ends[0], ends[1]};
  }
  static Metadata forwarded(const std::string& nonce, Metadata metadata = {}) {
    metadata.emplace("futured-forwarded", nonce + " 10.0.0.7:5123");
    return metadata;
  }
  static grpc::StatusCode call(const std::shared_ptr<grpc::Channel>& channel, const Metadata& metadata) {
    return testing::raw_call(channel, kMethod, "", metadata).status.error_code();
  }
  std::shared_ptr<const security::Authority> authority() const {
    const std::string text = "[identities.web]\nverbs = [\"read\"]\n[identities.me]\nverbs = [\"read\"]\nuids = [" +
                             std::to_string(::geteuid()) + "]\n";
    return std::make_shared<const security::Authority>(
        *security::parse_identities(text, "identities.toml"),
        std::vector<security::TokenEntry>{security::entry_of("web", token_)});
  }

  const std::string token_ = security::make_token();
  core::SystemClock clock_;
  UnixPeers unix_peers_{clock_, [](uid_t) { return true; }};
  IdentityGate gate_{{.clock = clock_,
                      .add_account = [](const core::AccountSettings&) -> core::AccountIndex { return 1; },
                      .unix_peers = &unix_peers_,
                      .nonce = kNonce},
                     authority()};
  GateService service_{gate_};
  std::function<void(int, int)> accept_;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(IdentityGateTest, ForwardedCallsCountByTheirTokenAndTellWhomTheySpeakFor) {
  const auto channel = own_channel();
  EXPECT_EQ(call(channel, forwarded(kNonce, bearer(token_))), grpc::StatusCode::OK);
  EXPECT_THAT(service_.peers(), ElementsAre("web http:10.0.0.7:5123"));
  EXPECT_EQ(call(channel, forwarded(kNonce, bearer(security::make_token()))), grpc::StatusCode::UNAUTHENTICATED);
}

// Although its own user is an identity, and is at both ends of the pair.
TEST_F(IdentityGateTest, ForwardedCallsAreNeverTheUserOfASocket) {
  const auto channel = own_channel();
  EXPECT_EQ(call(channel, forwarded(kNonce)), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(call(channel, forwarded("guessed")), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(call(channel, {}), grpc::StatusCode::UNAUTHENTICATED);
}

TEST_F(IdentityGateTest, UserOfAUnixSocketIsKnownWhateverHeForwards) {
  const auto channel = unix_channel();
  EXPECT_EQ(call(channel, {}), grpc::StatusCode::OK);
  EXPECT_EQ(call(channel, forwarded(kNonce)), grpc::StatusCode::OK);
  EXPECT_EQ(call(channel, forwarded("guessed", bearer(token_))), grpc::StatusCode::OK);
  const std::string peer = " unix:uid=" + std::to_string(::geteuid());
  EXPECT_THAT(service_.peers(), ElementsAre("me" + peer, "me" + peer, "web" + peer));
}

TEST_F(IdentityGateTest, MethodThatIsNotInTheTableIsNobodys) {
  const auto reply = testing::raw_call(unix_channel(), "/futured.v1.FutureService/Invented", "", {});
  EXPECT_EQ(reply.status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

}  // namespace
}  // namespace futured::rpc
