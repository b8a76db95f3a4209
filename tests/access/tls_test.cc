// TLS and mTLS of the real daemon.
#include <sys/stat.h>

#include "tests/access/access_fixture.h"

namespace futured {
namespace {

using testing::Authority;
using testing::bearer;
using testing::CertificateFiles;
using testing::CertificateRequest;
using ::testing::HasSubstr;
using testing::TemporaryDirectory;

constexpr auto kUnauthenticated = grpc::StatusCode::UNAUTHENTICATED;

class TlsTest : public testing::AccessFixture {
 protected:
  CertificateFiles client(const std::string& uri, bool expired = false) const {
    return authority_.issue(
        {.name = "client", .use = CertificateRequest::Use::kClient, .uris = {uri}, .expired = expired});
  }
  int handshake(const std::string& words) {
    const std::string address = addresses().at(1).substr(6);
    const std::string command =
        "timeout 20 openssl s_client -brief -connect " + address + " " + words + " </dev/null >/dev/null 2>&1";
    return std::system(command.c_str());
  }
};

TEST_F(TlsTest, ClientsThatTrustTheAuthorityAreServed) {
  start(tls_flags());
  EXPECT_TRUE(list(tls()).ok());
  EXPECT_TRUE(list(plain()).ok()) << "both listeners serve";
}

TEST_F(TlsTest, ClientsOfAnotherAuthorityDoNotConnect) {
  const TemporaryDirectory folder;
  const Authority other(folder.path(), "other");
  start(tls_flags());
  EXPECT_TRUE(handshake_fails(tls_trusting(other)));
}

TEST_F(TlsTest, PlainTextToTheTlsListenerIsNotServed) {
  start(tls_flags());
  const auto channel = this->channel(addresses().at(1).substr(6), grpc::InsecureChannelCredentials());
  EXPECT_TRUE(handshake_fails(channel));
}

TEST_F(TlsTest, VersionsBelowTls12AreRefused) {
  start(tls_flags());
  EXPECT_EQ(handshake("-tls1_3 -alpn h2"), 0);
  EXPECT_EQ(handshake("-tls1_2 -alpn h2"), 0);
  EXPECT_NE(handshake("-tls1_1 -alpn h2 -cipher ALL:@SECLEVEL=0"), 0);
}

TEST_F(TlsTest, CiphersWithoutForwardSecrecyAreRefused) {
  start(tls_flags());
  EXPECT_EQ(handshake("-tls1_2 -alpn h2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256"), 0);
  EXPECT_NE(handshake("-tls1_2 -alpn h2 -cipher ECDHE-ECDSA-AES128-SHA256"), 0);
  EXPECT_NE(handshake("-tls1_2 -alpn h2 -cipher AES128-SHA"), 0);
}

TEST_F(TlsTest, TokensCountOverTls) {
  realm_.add_with_verbs("web", "shop", {"read"});
  const std::string token = realm_.issue("web");
  start_with_realm(tls_flags());
  EXPECT_TRUE(list(tls(), bearer(token)).ok());
  EXPECT_EQ(list(tls()).error_code(), kUnauthenticated);
}

TEST_F(TlsTest, RequiredCertificateKeepsOthersFromConnecting) {
  start(mtls_flags());
  EXPECT_TRUE(list(tls(client("spiffe://example.org/web"))).ok());
  EXPECT_TRUE(handshake_fails(tls()));
}

TEST_F(TlsTest, ExpiredAndForeignCertificatesDoNotConnect) {
  const TemporaryDirectory folder;
  const Authority other(folder.path(), "other");
  const auto foreign = other.issue({.name = "client", .use = CertificateRequest::Use::kClient});
  for (const char* rule : {"require", "accept"}) {
    start(mtls_flags(rule));
    EXPECT_TRUE(handshake_fails(tls(client("spiffe://example.org/web", true)))) << rule;
    EXPECT_TRUE(handshake_fails(tls(foreign))) << rule;
  }
}

TEST_F(TlsTest, NameOfTheCertificateIsTheIdentity) {
  realm_.add("web", "verbs = [\"read\"]\ncertificates = [\"spiffe://example.org/web\"]");
  start(([&] {
    auto flags = mtls_flags();
    flags.push_back("--identities=" + realm_.identities());
    return flags;
  })());
  EXPECT_TRUE(list(tls(client("spiffe://example.org/web"))).ok());
  const auto unknown = list(tls(client("spiffe://example.org/other")));
  EXPECT_EQ(unknown.error_code(), kUnauthenticated);
  EXPECT_THAT(unknown.error_message(), HasSubstr("no identity has a name of your certificate"));
  EXPECT_EQ(list(plain()).error_code(), kUnauthenticated) << "loopback needs credentials too";
}

TEST_F(TlsTest, AcceptedCertificateOrTokenIsEnoughAndABadTokenIsNot) {
  realm_.add("web", "verbs = [\"read\"]\ncertificates = [\"spiffe://example.org/web\"]");
  const std::string token = realm_.issue("web");
  start_with_realm(mtls_flags("accept"));
  EXPECT_TRUE(list(tls(client("spiffe://example.org/web"))).ok());
  EXPECT_TRUE(list(tls(), bearer(token)).ok());
  EXPECT_EQ(list(tls()).error_code(), kUnauthenticated);
  EXPECT_EQ(list(tls(client("spiffe://example.org/web")), bearer("futured_bad")).error_code(), kUnauthenticated)
      << "who sends a token is nobody else";
}

TEST_F(TlsTest, ReloadedCertificateIsShownToNewConnectionsAndOldOnesStay) {
  start(tls_flags());
  const auto open = tls();
  EXPECT_TRUE(list(open).ok());
  const TemporaryDirectory folder;
  const Authority other(folder.path(), "other");
  const auto renewed = other.issue_for_localhost();
  std::filesystem::rename(renewed.certificate, certificates_.path() + "/server.pem");
  std::filesystem::rename(renewed.key, certificates_.path() + "/server.key");
  reload();
  EXPECT_TRUE(list(tls_trusting(other)).ok());
  EXPECT_TRUE(handshake_fails(tls()));
  EXPECT_EQ(open->GetState(false), GRPC_CHANNEL_READY) << "the connection was dropped";
  EXPECT_TRUE(list(open).ok());
}

TEST_F(TlsTest, BadFilesAreNamedAndTheOldOnesStay) {
  start(tls_flags());
  EXPECT_TRUE(list(tls()).ok());
  const std::string key = certificates_.path() + "/server.key";
  std::ofstream(key) << "nothing\n";
  daemon_->send(SIGHUP);
  EXPECT_TRUE(daemon_->wrote(key + ": is no private key in PEM without a password"));
  EXPECT_TRUE(list(tls()).ok());
}

TEST_F(TlsTest, DaemonDoesNotStartWithBadFiles) {
  const auto flags = tls_flags();
  const std::string key = certificates_.path() + "/server.key";
  ::chmod(key.c_str(), 0644);
  EXPECT_THAT(refusal(flags), HasSubstr(key + ": has the mode 0644; only its owner may read it: chmod 600"));
}

}  // namespace
}  // namespace futured
