// A daemon whose access is configured, and clients that come in by its several ways.
#pragma once

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "futured/v1/future_service.grpc.pb.h"
#include "tests/access/realm.h"
#include "tests/support/authority.h"
#include "tests/support/daemon_process.h"
#include "tests/support/raw_call.h"

namespace futured::testing {

inline std::string text_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class AccessFixture : public ::testing::Test {
 protected:
  // Starts the daemon. It listens on TCP of loopback in any case.
  void start(const std::vector<std::string>& flags = {}) { daemon_ = std::make_unique<DaemonProcess>(flags); }
  void start_with_realm(std::vector<std::string> flags = {}) {
    for (const std::string& flag : realm_.flags()) flags.push_back(flag);
    start(flags);
  }
  // What it says when it does not start.
  std::string refusal(const std::vector<std::string>& flags) {
    start(flags);
    EXPECT_NE(daemon_->exit_code().value_or(0), 0) << daemon_->output();
    return daemon_->output();
  }
  void reload() {
    EXPECT_NE(daemon_->address(), "");
    const std::size_t before = reloads();
    daemon_->send(SIGHUP);
    EXPECT_TRUE(eventually([&] { return reloads() > before; }));
  }

  std::size_t reloads() const {
    const std::string text = daemon_->output();
    std::size_t count = 0;
    for (std::size_t i = 0; (i = text.find("reloaded what=", i)) != std::string::npos; ++i) ++count;
    return count;
  }

  // In the order of the flags; the first is plain TCP.
  std::vector<std::string> addresses() {
    std::vector<std::string> all;
    std::istringstream lines(daemon_->address());
    for (std::string line; std::getline(lines, line);) all.push_back(line);
    return all;
  }
  std::shared_ptr<grpc::Channel> plain() { return channel(addresses().front(), grpc::InsecureChannelCredentials()); }
  // To the first address of TLS. Without a client's files it shows no certificate.
  std::shared_ptr<grpc::Channel> tls(const CertificateFiles& client = {}) { return tls_trusting(authority_, client); }
  std::shared_ptr<grpc::Channel> tls_trusting(const Authority& authority, const CertificateFiles& client = {}) {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = text_of(authority.certificate());
    if (!client.certificate.empty()) {
      options.pem_cert_chain = text_of(client.certificate);
      options.pem_private_key = text_of(client.key);
    }
    for (const std::string& address : addresses()) {
      if (address.starts_with("tls://")) return channel(address.substr(6), grpc::SslCredentials(options));
    }
    ADD_FAILURE() << "no address of TLS";
    return nullptr;
  }
  static std::shared_ptr<grpc::Channel> channel(const std::string& address,
                                                const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 100);
    return grpc::CreateCustomChannel(address, credentials, arguments);
  }
  // What comes of a call that reads.
  static grpc::Status list(const std::shared_ptr<grpc::Channel>& channel, const Metadata& metadata = {}) {
    return raw_call(channel, "/futured.v1.FutureService/List", v1::ListRequest().SerializeAsString(), metadata).status;
  }
  // False where handshakes fail; does not wait for what cannot come.
  static bool handshake_fails(const std::shared_ptr<grpc::Channel>& channel) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    v1::ListResponse response;
    const auto status = v1::FutureService::NewStub(channel)->List(&context, v1::ListRequest(), &response);
    return status.error_code() == grpc::StatusCode::UNAVAILABLE;
  }

  std::vector<std::string> tls_flags() {
    const auto server = authority_.issue_for_localhost();
    return {"--listen=tls://127.0.0.1:0", "--tls-certificate=" + server.certificate.string(),
            "--tls-key=" + server.key.string()};
  }
  std::vector<std::string> mtls_flags(const std::string& rule = "require") {
    auto flags = tls_flags();
    flags.push_back("--tls-client-ca=" + authority_.certificate().string());
    flags.push_back("--tls-client-certificates=" + rule);
    return flags;
  }

  Realm realm_;
  TemporaryDirectory certificates_;
  Authority authority_{certificates_.path()};
  std::unique_ptr<DaemonProcess> daemon_;
};

}  // namespace futured::testing
