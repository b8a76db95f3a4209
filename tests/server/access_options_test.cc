// Settings of who reaches the daemon, and how he is known.
#include "tests/server/options_fixture.h"

namespace futured::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class AccessOptionsTest : public OptionsFixture {
 protected:
  const std::vector<std::string> tls_ = {"--listen=tls://0.0.0.0:7443", "--tls-certificate=c", "--tls-key=k"};

  std::vector<std::string> tls_and(const std::vector<std::string>& more) const {
    std::vector<std::string> flags = tls_;
    flags.insert(flags.end(), more.begin(), more.end());
    return flags;
  }
};

TEST_F(AccessOptionsTest, AddressesComeFromFlagsFileAndEnvironment) {
  EXPECT_THAT(accepted({"--listen=127.0.0.1:1", "--listen", "unix:/run/f.sock,[::1]:2"}).listen,
              ElementsAre("127.0.0.1:1", "unix:/run/f.sock", "[::1]:2"));
  EXPECT_THAT(accepted_file("listen = \"127.0.0.1:1\"\n").listen, ElementsAre("127.0.0.1:1"));
  EXPECT_THAT(accepted_file("listen = [\"127.0.0.1:1\", \"unix:/run/f.sock\"]\n").listen,
              ElementsAre("127.0.0.1:1", "unix:/run/f.sock"));
  environment_["FUTURED_LISTEN"] = "localhost:1,unix:/run/f.sock";
  EXPECT_THAT(accepted({}).listen, ElementsAre("localhost:1", "unix:/run/f.sock"));
  EXPECT_THAT(accepted({"--listen=127.0.0.1:3"}).listen, ElementsAre("127.0.0.1:3"));
}

TEST_F(AccessOptionsTest, PlainTcpElsewhereThanOnLoopbackNeedsTheUglyFlag) {
  EXPECT_THAT(refusal({"--listen=0.0.0.0:7070"}),
              ::testing::AllOf(StartsWith("--listen: 0.0.0.0:7070 is not a loopback address"),
                               HasSubstr("use tls://0.0.0.0:7070, with tls_certificate, tls_key, identities and tokens"),
                               HasSubstr("--listen-insecurely-on-any-interface")));
  EXPECT_THAT(refusal({"--listen=127.0.0.1:1", "--listen=[::]:7070"}), HasSubstr("[::]:7070 is not a loopback"));
  EXPECT_THAT(accepted({"--listen=0.0.0.0:7070", "--listen-insecurely-on-any-interface"}).listen,
              ElementsAre("0.0.0.0:7070"));
  environment_["FUTURED_LISTEN"] = "10.0.0.1:1";
  EXPECT_THAT(refusal({}), StartsWith("FUTURED_LISTEN: "));
}

TEST_F(AccessOptionsTest, TlsElsewhereThanOnLoopbackNeedsAuthentication) {
  EXPECT_THAT(refusal(tls_), HasSubstr("TLS alone keeps nobody out"));
  EXPECT_THAT(refusal(tls_and({"--identities=i"})), HasSubstr("TLS alone keeps nobody out"));
  EXPECT_THAT(refusal(tls_and({"--tls-client-ca=a", "--tls-client-certificates=accept"})),
              HasSubstr("TLS alone keeps nobody out"));
  accepted(tls_and({"--identities=i", "--tokens=t"}));
  accepted(tls_and({"--tls-client-ca=a"}));
  accepted(tls_and({"--tls-client-ca=a", "--tls-client-certificates=accept", "--identities=i"}));
  accepted(tls_and({"--listen-insecurely-on-any-interface"}));
  accepted({"--listen=tls://127.0.0.1:1", "--tls-certificate=c", "--tls-key=k"});
}

TEST_F(AccessOptionsTest, WhatLacksItsOtherHalfIsRefused) {
  EXPECT_EQ(refusal({"--listen=tls://127.0.0.1:1"}), "--listen: tls://127.0.0.1:1 needs tls_certificate and tls_key");
  EXPECT_EQ(refusal({"--tls-certificate=c"}), "--tls-certificate: needs tls_key, which is not set");
  EXPECT_EQ(refusal({"--tls-key=k"}), "--tls-key: needs tls_certificate, which is not set");
  EXPECT_THAT(refusal({"--tls-client-ca=a"}), StartsWith("--tls-client-ca: needs tls_certificate and tls_key"));
  EXPECT_THAT(refusal({"--tokens=t"}), StartsWith("--tokens: needs identities"));
  EXPECT_THAT(refusal({"--audit-log=l"}), StartsWith("--audit-log: needs identities"));
  EXPECT_THAT(file_refusal("tokens = \"t\"\n"), StartsWith(":1: tokens: needs identities"));
}

TEST_F(AccessOptionsTest, ReflectionIsOffWithIdentitiesUnlessAskedFor) {
  EXPECT_TRUE(accepted({}).reflection);
  EXPECT_FALSE(accepted({"--identities=i"}).reflection);
  EXPECT_TRUE(accepted({"--identities=i", "--reflection"}).reflection);
}

TEST_F(AccessOptionsTest, PathsAreRelativeToTheFile) {
  const Options options = accepted_file("identities = \"identities.toml\"\ntokens = \"/etc/tokens\"\n");
  EXPECT_EQ(options.identities, (directory_ / "identities.toml").string());
  EXPECT_EQ(options.tokens, "/etc/tokens");
}

}  // namespace
}  // namespace futured::server
