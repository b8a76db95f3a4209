// TLS, with certificates made for each test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "futured/futured.h"
#include "tests/client/fake_daemon.h"
#include "tests/support/authority.h"
#include "tests/support/environment_variable.h"
#include "tests/support/temporary_directory.h"

namespace futured::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

class TlsTest : public ::testing::Test {
 protected:
  using Clients = grpc_ssl_client_certificate_request_type;

  static FakeDaemon::Credentials server(const CertificateFiles& files, Clients clients,
                                        const std::string& authorities) {
    grpc::SslServerCredentialsOptions options(clients);
    options.pem_key_cert_pairs.push_back({content_of(files.key), content_of(files.certificate)});
    options.pem_root_certs = authorities;
    return grpc::SslServerCredentials(options);
  }
  FakeDaemon::Credentials tls() const {
    return server(authority_.issue_for_localhost(), GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE, "");
  }
  FakeDaemon::Credentials mutual_tls() const {
    return server(authority_.issue_for_localhost(), GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY,
                  content_of(authority_.certificate()));
  }
  std::string trusted() const { return authority_.certificate(); }

  // How a call fails that gives up after some tries.
  static std::string failure(const std::string& address, const Credentials& credentials) {
    Executor executor(address, {.reconnect_timeout = 500ms, .credentials = credentials});
    try {
      executor.submit<std::uint64_t>("any").result(20s);
    } catch (const ConnectionLost& error) {
      return error.what();
    }
    return "";
  }
  static void expect_result(const std::string& address, const Credentials& credentials) {
    Executor executor(address, {.credentials = credentials});
    EXPECT_EQ(executor.submit<std::uint64_t>("any").result(20s), 1U);
  }

  TemporaryDirectory folder_;
  Authority authority_{folder_.path()};
};

TEST_F(TlsTest, DaemonOfATrustedAuthorityIsBelieved) {
  FakeDaemon daemon({serve_well, serve_well, serve_well}, 0, tls());
  expect_result(daemon.address(), {.ca_file = trusted()});
  expect_result("tls://" + daemon.address(), {.ca_file = trusted()});
  const EnvironmentVariable variable("FUTURED_CA_FILE", trusted());
  expect_result(daemon.address(), {});
}

TEST_F(TlsTest, TokenIsShownToIt) {
  FakeDaemon daemon({[](Conversation& talk) {
                      EXPECT_EQ(talk.authorization, "Bearer canary");
                      return serve_well(talk);
                    }},
                    0, tls());
  expect_result(daemon.address(), {.token = "canary", .ca_file = trusted()});
}

TEST_F(TlsTest, DaemonOfAnotherAuthorityIsNot) {
  const Authority other(folder_.path(), "other");
  FakeDaemon daemon({serve_well}, 0, tls());
  EXPECT_THAT(failure(daemon.address(), {.token = "canary", .ca_file = other.certificate()}),
              ::testing::AllOf(HasSubstr("no connection to"), HasSubstr("certificate"), Not(HasSubstr("canary"))));
  EXPECT_THAT(failure("tls://" + daemon.address(), {}), HasSubstr("no connection to"));
  EXPECT_EQ(daemon.streams(), 0);
}

TEST_F(TlsTest, DaemonWithAnotherNameIsNot) {
  const CertificateFiles files = authority_.issue({.name = "named", .dns = {"futured.example"}});
  FakeDaemon daemon({serve_well}, 0, server(files, GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE, ""));
  EXPECT_THAT(failure(daemon.address(), {.ca_file = trusted()}), HasSubstr("no connection to"));
  EXPECT_THAT(failure(daemon.address(), {.ca_file = trusted(), .server_name = "wrong.example"}),
              HasSubstr("no connection to"));
  EXPECT_EQ(daemon.streams(), 0);
  expect_result(daemon.address(), {.ca_file = trusted(), .server_name = "futured.example"});
}

TEST_F(TlsTest, DaemonWhoseCertificateHasExpiredIsNot) {
  const CertificateFiles files = authority_.issue({.name = "old", .ips = {"127.0.0.1"}, .expired = true});
  FakeDaemon daemon({serve_well}, 0, server(files, GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE, ""));
  EXPECT_THAT(failure(daemon.address(), {.ca_file = trusted()}), HasSubstr("no connection to"));
  EXPECT_EQ(daemon.streams(), 0);
}

TEST_F(TlsTest, ClientsCertificateIsShown) {
  const CertificateFiles client =
      authority_.issue({.name = "client", .use = CertificateRequest::Use::kClient, .uris = {"spiffe://test/client"}});
  FakeDaemon daemon({serve_well}, 0, mutual_tls());
  expect_result(daemon.address(),
                {.ca_file = trusted(), .certificate_file = client.certificate, .key_file = client.key});
}

TEST_F(TlsTest, ClientWithoutACertificateOrWithOneOfAnotherAuthorityStaysOutside) {
  const Authority other(folder_.path(), "other");
  const CertificateFiles foreign = other.issue({.name = "foreign", .use = CertificateRequest::Use::kClient});
  FakeDaemon daemon({serve_well}, 0, mutual_tls());
  EXPECT_THAT(failure(daemon.address(), {.ca_file = trusted()}), HasSubstr("no connection to"));
  EXPECT_THAT(failure(daemon.address(),
                      {.ca_file = trusted(), .certificate_file = foreign.certificate, .key_file = foreign.key}),
              HasSubstr("no connection to"));
  EXPECT_EQ(daemon.streams(), 0);
}

TEST_F(TlsTest, CertificatesAreReadAgainForEachConnection) {
  const Authority other(folder_.path(), "other");
  const CertificateRequest request{.name = "client", .use = CertificateRequest::Use::kClient};
  const CertificateFiles client = other.issue(request);
  FakeDaemon daemon({serve_well}, 0, mutual_tls());
  Executor executor(
      daemon.address(),
      {.credentials = {.ca_file = trusted(), .certificate_file = client.certificate, .key_file = client.key}});
  const auto future = executor.submit<std::uint64_t>("any");
  EXPECT_THROW(future.result(300ms), TimeoutError);
  authority_.issue(request);
  EXPECT_EQ(future.result(20s), 1U);
}

}  // namespace
}  // namespace futured::testing
