#include "server/http/host_list.h"

#include <gtest/gtest.h>

namespace futured::http {
namespace {

TEST(HostListTest, LoopbackHasItsNames) {
  const HostList hosts({});
  for (const char* host : {"localhost", "LocalHost", "localhost:7071", "localhost.", "127.0.0.1", "127.0.0.1:1",
                           "[::1]", "[::1]:7071", "::1"}) {
    EXPECT_TRUE(hosts.allows(host)) << host;
  }
}

TEST(HostListTest, OthersAreStrangers) {
  const HostList hosts({});
  for (const char* host : {"", ":", ":7071", "example.org", "localhost.example.org", "example.org:localhost",
                           "localhost:x", "localhost:", "[localhost", "127.0.0.2", "[::2]", "localhost, example.org"}) {
    EXPECT_FALSE(hosts.allows(host)) << host;
  }
}

TEST(HostListTest, NamesAreAdded) {
  const HostList hosts({"Tasks.Example.org", "10.0.0.1:80"});
  EXPECT_TRUE(hosts.allows("tasks.example.org:443"));
  EXPECT_TRUE(hosts.allows("10.0.0.1"));
  EXPECT_TRUE(hosts.allows("localhost"));
  EXPECT_FALSE(hosts.allows("example.org"));
}

}  // namespace
}  // namespace futured::http
