#include "server/security/tls_files.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/authority.h"
#include "tests/support/temporary_directory.h"

namespace futured::security {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class TlsFilesTest : public ::testing::Test {
 protected:
  TlsFiles good() {
    const auto files = authority_.issue_for_localhost();
    return {files.certificate, files.key, authority_.certificate()};
  }
  std::string write(const std::string& name, const std::string& text) const {
    std::string path = directory_.path() + "/" + name;
    std::ofstream(path) << text;
    EXPECT_EQ(::chmod(path.c_str(), 0600), 0);
    return path;
  }
  static std::string complaint(const TlsFiles& paths) {
    const auto read = read_tls_files(paths);
    EXPECT_FALSE(read.has_value());
    return read ? "" : read.error();
  }

  testing::TemporaryDirectory directory_;
  testing::Authority authority_{directory_.path()};
};

TEST_F(TlsFilesTest, GoodFilesAreReadWhole) {
  const auto read = read_tls_files(good());
  ASSERT_TRUE(read.has_value()) << read.error();
  EXPECT_THAT(read->certificate, StartsWith("-----BEGIN CERTIFICATE-----"));
  EXPECT_THAT(read->key, HasSubstr("PRIVATE KEY"));
  EXPECT_THAT(read->client_ca, StartsWith("-----BEGIN CERTIFICATE-----"));
}

TEST_F(TlsFilesTest, OthersMayNotReadTheKey) {
  const TlsFiles paths = good();
  ASSERT_EQ(::chmod(paths.key.c_str(), 0640), 0);
  EXPECT_EQ(complaint(paths), paths.key + ": has the mode 0640; only its owner may read it: chmod 600");
}

TEST_F(TlsFilesTest, WhatIsAmissIsNamed) {
  TlsFiles paths = good();
  paths.certificate = write("a.pem", "nothing\n");
  EXPECT_EQ(complaint(paths), paths.certificate + ": is no certificate in PEM");
  paths = good();
  paths.key = write("a.key", "nothing\n");
  EXPECT_EQ(complaint(paths), paths.key + ": is no private key in PEM without a password");
  paths = good();
  paths.client_ca = write("ca.pem", "");
  EXPECT_EQ(complaint(paths), paths.client_ca + ": has no certificates in PEM");
  paths = good();
  paths.certificate = directory_.path() + "/none";
  EXPECT_THAT(complaint(paths), StartsWith(paths.certificate + ": No such file"));
}

TEST_F(TlsFilesTest, KeyMustBeTheCertificates) {
  TlsFiles paths = good();
  paths.key = authority_.issue_for_localhost("other").key;
  EXPECT_EQ(complaint(paths), paths.key + ": is not the key of the certificate in " + paths.certificate);
}

TEST_F(TlsFilesTest, ExpiredCertificateIsRefused) {
  const auto files = authority_.issue({.name = "old", .dns = {"localhost"}, .expired = true});
  EXPECT_EQ(complaint({files.certificate, files.key, ""}),
            files.certificate.string() + ": the certificate has expired");
}

}  // namespace
}  // namespace futured::security
