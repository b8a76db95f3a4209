// What the text of an address says.
#include "client/cpp/src/daemon_address.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace futured::detail {
namespace {

TEST(DaemonAddressTest, AddressOfTlsIsForGrpcWithoutTheScheme) {
  const DaemonAddress address("tls://futured.example:7070");
  EXPECT_TRUE(address.wants_tls);
  EXPECT_EQ(address.target, "futured.example:7070");
}

TEST(DaemonAddressTest, AnyOtherAddressIsForGrpcAsItIs) {
  for (const char* text : {"localhost:7070", "unix:/run/futured/futured.sock", "dns:///futured:7070", "[::1]:7070"}) {
    const DaemonAddress address(text);
    EXPECT_FALSE(address.wants_tls) << text;
    EXPECT_EQ(address.target, text);
  }
}

TEST(DaemonAddressTest, AHostAloneHasThePortOfTheDaemon) {
  EXPECT_EQ(DaemonAddress("localhost").target, "localhost:7070");
  EXPECT_EQ(DaemonAddress("10.0.0.1").target, "10.0.0.1:7070");
  EXPECT_EQ(DaemonAddress("tls://futured.example").target, "futured.example:7070");
  EXPECT_EQ(DaemonAddress("::1").target, "[::1]:7070");
  EXPECT_EQ(DaemonAddress("[::1]").target, "[::1]:7070");
}

TEST(DaemonAddressTest, UnixSocketsAndLoopbackAreLocal) {
  for (const char* text :
       {"unix:/run/futured.sock", "unix:///run/futured.sock", "unix-abstract:futured", "localhost", "localhost:7070",
        "127.0.0.1:7070", "127.9.9.9:1", "[::1]:7070", "::1", "ipv4:127.0.0.1:7070", "ipv6:[::1]:7070",
        "dns:localhost:7070", "dns:///localhost:7070", "tls://localhost:7070"}) {
    EXPECT_TRUE(DaemonAddress(text).is_local) << text;
  }
}

TEST(DaemonAddressTest, WhatOnlyLooksLocalIsNot) {
  for (const char* text : {"127.0.0.1.example:7070", "localhost.example:7070", "127.1:7070", "10.0.0.1:7070",
                           "futured:7070", "dns://8.8.8.8/localhost:7070", "ipv4:127.0.0.1:7070,10.0.0.1:7070",
                           "[::2]:7070", "xds:///localhost:7070", "0.0.0.0:7070", "tls://unix:/run/futured.sock"}) {
    EXPECT_FALSE(DaemonAddress(text).is_local) << text;
  }
}

TEST(DaemonAddressTest, WhatNamesNoHostIsRefused) {
  for (const char* text : {"", "tls://"}) EXPECT_THROW(DaemonAddress{text}, std::invalid_argument) << text;
}

TEST(DaemonAddressTest, TheAddressOfAWebPageIsRefused) {
  for (const char* text : {"http://localhost:7070", "https://futured.example"}) {
    EXPECT_THROW(DaemonAddress{text}, std::invalid_argument) << text;
  }
}

}  // namespace
}  // namespace futured::detail
