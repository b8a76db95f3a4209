// What futuredctl shows of its user, and how it ends when the daemon does not let the user in.
#include <gmock/gmock.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <array>
#include <cctype>
#include <fstream>
#include <iterator>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/authority.h"
#include "tests/support/temporary_directory.h"

namespace futured::testing {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr const char* kCanary = "futured_canary";
constexpr const char* kId = "3f0c9a51-77d2-8c1e-9d3a-000000000001";
constexpr int kUsage = 2;
constexpr int kUnavailable = 4;
constexpr int kDenied = 8;

// Ends any call by one status, and keeps what each showed.
class Gate final : public grpc::CallbackGenericService {
 public:
  Gate(grpc::StatusCode code, const std::shared_ptr<grpc::ServerCredentials>& credentials) : code_(code) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", credentials, &port_);
    builder.RegisterCallbackGenericService(this);
    server_ = builder.BuildAndStart();
  }
  ~Gate() override { server_->Shutdown(std::chrono::system_clock::now()); }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  // What was shown since the last time.
  std::vector<std::string> shown() {
    const std::lock_guard lock(mutex_);
    return std::exchange(shown_, {});
  }

 private:
  class Refusal final : public grpc::ServerGenericBidiReactor {
   public:
    explicit Refusal(const grpc::Status& status) { Finish(status); }
    void OnDone() override { delete this; }
  };

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override {
    const auto found = context->client_metadata().find("authorization");
    const bool any = found != context->client_metadata().end();
    const std::lock_guard lock(mutex_);
    shown_.push_back(any ? std::string(found->second.data(), found->second.size()) : "");
    return new Refusal({code_, "not you"});
  }

  const grpc::StatusCode code_;
  int port_ = 0;
  std::mutex mutex_;
  std::vector<std::string> shown_;
  std::unique_ptr<grpc::Server> server_;
};

struct Result {
  int code = 0;
  std::string text;  // Of both outputs.
};

class CliCredentialsTest : public ::testing::Test {
 protected:
  std::string path(const std::string& name) const { return folder_.path() + "/" + name; }
  std::string token_file(const std::string& content, mode_t mode = 0600) const {
    std::string file = path("token-" + std::to_string(mode));
    std::ofstream(file) << content;
    ::chmod(file.c_str(), mode);
    return file;
  }
  static std::string with_token(const std::string& command, const std::string& file) {
    return command + " --token-file " + file;
  }

  // Runs it with these variables only; words and values are without quotes.
  static Result run(const std::string& words, const std::string& variables = "") {
    const std::string command =
        "env -i FUTURED_RETRY=0 " + variables + " timeout 30 '" FUTUREDCTL "' " + words + " < /dev/null 2>&1";
    FILE* const pipe = ::popen(command.c_str(), "r");
    Result result;
    std::array<char, 4096> buffer;
    while (const std::size_t count = ::fread(buffer.data(), 1, buffer.size(), pipe)) {
      result.text.append(buffer.data(), count);
    }
    result.code = WEXITSTATUS(::pclose(pipe));
    return result;
  }

  std::string to(const Gate& gate) const { return "--address " + gate.address() + " "; }

  // One of each command that calls the daemon.
  std::vector<std::string> commands() const {
    const std::string id = kId;
    return {"submit any",
            "submit any --wait",
            "map any 1",
            "result " + id,
            "wait " + id,
            "as-completed " + id,
            "cancel " + id,
            "get " + id,
            "list",
            "drain",
            "drain --undo",
            "executors",
            "executors show any",
            "executors pause any",
            "executors resume any",
            "executors drain any",
            "executors end-workers any",
            "functions",
            "health",
            "top --once",
            "backup " + path("copy")};
  }

  TemporaryDirectory folder_;
};

TEST_F(CliCredentialsTest, EveryCommandShowsTheTokenAndEndsWithTheSameCodeWhenItIsRefused) {
  for (const grpc::StatusCode code : {grpc::StatusCode::UNAUTHENTICATED, grpc::StatusCode::PERMISSION_DENIED}) {
    Gate gate(code, grpc::InsecureServerCredentials());
    const std::string file = token_file(std::string(kCanary) + "\n");
    for (const std::string& command : commands()) {
      const Result result = run(to(gate) + with_token(command, file));
      EXPECT_EQ(result.code, kDenied) << command << ": " << result.text;
      EXPECT_THAT(result.text, AllOf(HasSubstr("not you"), Not(HasSubstr(kCanary)))) << command;
      EXPECT_THAT(gate.shown(), AllOf(Not(SizeIs(0)), Each(std::string("Bearer ") + kCanary))) << command;
    }
  }
}

TEST_F(CliCredentialsTest, CredentialsComeFromTheEnvironmentUnlessTheyAreOptions) {
  Gate gate(grpc::StatusCode::UNAUTHENTICATED, grpc::InsecureServerCredentials());
  run(to(gate) + "list", "FUTURED_TOKEN=from-environment");
  EXPECT_THAT(gate.shown(), Each("Bearer from-environment"));
  run(to(gate) + "list --token-file " + token_file(kCanary), "FUTURED_TOKEN=from-environment");
  EXPECT_THAT(gate.shown(), Each(std::string("Bearer ") + kCanary));
  run(to(gate) + "list");
  EXPECT_THAT(gate.shown(), Each(""));
}

TEST_F(CliCredentialsTest, UnusableCredentialsAreBadUsage) {
  const std::string two_lines = token_file(std::string(kCanary) + "\n" + kCanary);
  for (const std::string& command : commands()) {
    const Result result = run(with_token(command, two_lines));
    EXPECT_EQ(result.code, kUsage) << command << ": " << result.text;
    EXPECT_THAT(result.text, AllOf(HasSubstr(two_lines), Not(HasSubstr(kCanary)))) << command;
  }
  for (const std::string& words : {"--ca-file " + path("none"), "--certificate-file " + path("none"),
                                   std::string("--token-file ''"), "--token-file " + token_file(kCanary, 0644),
                                   "--address futured.example:1 --token-file " + token_file(kCanary)}) {
    EXPECT_EQ(run("list " + words).code, kUsage) << words;
  }
}

TEST_F(CliCredentialsTest, TokenIsNoOption) {
  EXPECT_EQ(run("list --token futured_canary").code, kUsage);
  EXPECT_THAT(run("--help").text, AllOf(HasSubstr("--token-file"), HasSubstr("list of processes would show a token")));
}

TEST_F(CliCredentialsTest, DaemonIsBelievedByItsCertificate) {
  const Authority authority(folder_.path());
  const Authority other(folder_.path(), "other");
  const CertificateFiles server = authority.issue({.name = "server", .dns = {"futured.example"}});
  const CertificateFiles client = authority.issue({.name = "client", .use = CertificateRequest::Use::kClient});
  const auto content_of = [](const std::filesystem::path& file) {
    std::ifstream stream(file);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  };
  grpc::SslServerCredentialsOptions options(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_key_cert_pairs.push_back({content_of(server.key), content_of(server.certificate)});
  options.pem_root_certs = content_of(authority.certificate());
  Gate gate(grpc::StatusCode::PERMISSION_DENIED, grpc::SslServerCredentials(options));

  const std::string mine = "--certificate-file " + client.certificate.string() + " --key-file " + client.key.string();
  const std::string trusted = " --ca-file " + authority.certificate().string();
  const std::string list = "list --address tls://" + gate.address() + " ";
  EXPECT_EQ(run(list + mine + trusted + " --server-name futured.example").code, kDenied);
  EXPECT_EQ(run(list, "FUTURED_SERVER_NAME=futured.example FUTURED_CA_FILE=" + authority.certificate().string() +
                          " FUTURED_CERTIFICATE_FILE=" + client.certificate.string() +
                          " FUTURED_KEY_FILE=" + client.key.string())
                .code,
            kDenied);
  EXPECT_THAT(gate.shown(), SizeIs(2));
  EXPECT_EQ(run(list + mine + trusted).code, kUnavailable);
  EXPECT_EQ(run(list + mine + " --ca-file " + other.certificate().string()).code, kUnavailable);
  EXPECT_EQ(run(list + trusted + " --server-name futured.example").code, kUnavailable);
  EXPECT_THAT(gate.shown(), SizeIs(0));
}

}  // namespace
}  // namespace futured::testing
