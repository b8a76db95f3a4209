#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>
#include <string>

#include "server/security/authority.h"
#include "server/security/identity.h"
#include "tests/support/temporary_directory.h"

namespace futured::security {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string complaint(const std::string& text) {
  const auto parsed = parse_identities(text, "identities.toml");
  EXPECT_FALSE(parsed.has_value()) << text;
  return parsed ? "" : parsed.error();
}

Identity only(const std::string& text) {
  auto parsed = parse_identities(text, "identities.toml");
  EXPECT_TRUE(parsed.has_value()) << parsed.error();
  return parsed && parsed->size() == 1 ? parsed->front() : Identity{};
}

TEST(IdentitiesTest, EveryKeyIsRead) {
  const Identity web = only(R"([identities.web]
namespace = "shop"
verbs = ["submit", "read"]
executors = ["cpu", "gpu-*"]
functions = ["image.*"]
certificates = ["spiffe://example.org/web", "web.example"]
uids = [1000, 1001]
limits = {max_pending = 1000, max_pending_bytes = "64MiB", max_running = 4, max_submits_per_second = 100, max_waiters = 50, max_streams = 5}
)");
  EXPECT_EQ(web.name, "web");
  EXPECT_EQ(web.name_space, "shop");
  EXPECT_TRUE(web.verbs.has(Verb::kSubmit));
  EXPECT_TRUE(web.verbs.has(Verb::kRead));
  EXPECT_FALSE(web.verbs.has(Verb::kCancel));
  EXPECT_FALSE(web.verbs.has(Verb::kAdmin));
  EXPECT_TRUE(web.may_use_executor("gpu-1"));
  EXPECT_FALSE(web.may_use_executor("thread"));
  EXPECT_TRUE(web.may_use_function("image.resize"));
  EXPECT_FALSE(web.may_use_function("math.is_prime"));
  EXPECT_THAT(web.uids, ElementsAre(1000, 1001));
  EXPECT_EQ(web.limits.max_pending, 1000U);
  EXPECT_EQ(web.limits.max_pending_bytes, 64U << 20);
  EXPECT_EQ(web.limits.max_running, 4U);
  EXPECT_EQ(web.limits.max_submits_per_second, 100U);
  EXPECT_EQ(web.limits.max_waiters, 50U);
  EXPECT_EQ(web.limits.max_streams, 5U);
}

TEST(IdentitiesTest, WhatIsNotGivenIsNotAllowed) {
  const Identity reader = only("[identities.reader]\nverbs = [\"read\"]\n");
  EXPECT_EQ(reader.name_space, "reader");
  EXPECT_FALSE(reader.verbs.has(Verb::kSubmit));
  EXPECT_FALSE(reader.may_use_executor("thread"));
  EXPECT_FALSE(reader.may_use_function("math.is_prime"));
  EXPECT_EQ(reader.limits, core::AccountLimits{});
}

TEST(IdentitiesTest, ComplaintsNameLineAndKey) {
  EXPECT_THAT(complaint("[identities.web]\nnamespace = \"shop\"\n"),
              StartsWith("identities.toml:1: identities.web.verbs: is missing"));
  EXPECT_THAT(complaint("[identities.web]\nverbs = [\"read\"]\nuid = [5]\n"),
              HasSubstr(":3: identities.web.uid: unknown key; did you mean uids?"));
  EXPECT_THAT(complaint("[identities.web]\nverbs = [\"submitt\"]\n"),
              HasSubstr("identities.web.verbs: \"submitt\" is no verb; did you mean submit?"));
  EXPECT_THAT(complaint("[identities.web]\nverbs = \"read\"\n"), HasSubstr("must be a list of texts"));
  EXPECT_THAT(complaint("[identities.web]\nverbs = [\"submit\"]\nexecutors = [\"*\"]\n"),
              HasSubstr("no executor or no function"));
  EXPECT_THAT(complaint("[identities.web]\nverbs = [\"read\"]\nlimits = {max_pendin = 5}\n"),
              HasSubstr("identities.web.limits.max_pendin: unknown key; did you mean max_pending?"));
  EXPECT_THAT(complaint("[identities.web]\nverbs = [\"read\"]\nlimits = {max_pending = 0}\n"), HasSubstr("at least 1"));
  EXPECT_THAT(complaint("[identities.web]\nverbs = [\"read\"]\nuids = [-1]\n"), HasSubstr("numbers of users"));
  EXPECT_THAT(complaint("[identities.\"a b\"]\nverbs = [\"read\"]\n"), HasSubstr("an identity's name is"));
  EXPECT_THAT(complaint("[identity.web]\nverbs = [\"read\"]\n"),
              StartsWith("identities.toml:1: identity: unknown key"));
  EXPECT_THAT(complaint("[identities.web\n"), StartsWith("identities.toml:1: "));
}

TEST(IdentitiesTest, CertificateAndUserHaveOneOwner) {
  const std::string two = "[identities.a]\nverbs = [\"read\"]\nKEY\n[identities.b]\nverbs = [\"read\"]\nKEY\n";
  const auto with = [&](const std::string& key) {
    std::string text = two;
    for (std::size_t i; (i = text.find("KEY")) != std::string::npos;) text.replace(i, 3, key);
    return complaint(text);
  };
  EXPECT_THAT(with("uids = [5]"), HasSubstr("identities.b.uids: 5 is a's"));
  EXPECT_THAT(with("certificates = [\"x.example\"]"), HasSubstr("identities.b.certificates: \"x.example\" is a's"));
}

std::unique_ptr<const Authority> authority(const std::string& identities, const std::vector<TokenEntry>& tokens = {}) {
  return std::make_unique<const Authority>(*parse_identities(identities, "identities.toml"), tokens);
}

Credential token(const std::string& text) { return {.kind = Credential::Kind::kToken, .token = hash_token(text)}; }

TEST(AuthorityTest, TokenIsGoodUntilItExpires) {
  const Instant end = *parse_instant("2026-12-24T18:00:00Z");
  const std::string first = make_token();
  const std::string second = make_token();
  const auto known = authority("[identities.web]\nverbs = [\"read\"]\n",
                               {{"web", hash_token(first), end, "1"}, {"web", hash_token(second), {}, "2"}});
  const Instant before = end - std::chrono::seconds(1);
  EXPECT_EQ(known->find(token(first), before).identity->name, "web");
  EXPECT_EQ(known->find(token(first), end).standing, Standing::kExpired);
  EXPECT_EQ(known->find(token(second), end).standing, Standing::kGood);
  EXPECT_EQ(known->find(token(make_token()), before).standing, Standing::kUnknown);
  EXPECT_EQ(known->find({}, before).standing, Standing::kUnknown);
  EXPECT_EQ(known->next_expiry(before), end);
  EXPECT_EQ(known->next_expiry(end), std::nullopt);
}

TEST(AuthorityTest, NamesOfCertificatesAreOfTheirKind) {
  const auto known = authority(
      "[identities.web]\nverbs = [\"read\"]\ncertificates = [\"spiffe://example.org/web\", \"Web.Example\"]\n");
  const auto name = [&](const CertificateNames& names) {
    const auto credential = known->known_name(names);
    return credential ? credential->certificate : "";
  };
  EXPECT_EQ(name({{"spiffe://example.org/web"}, {}}), "spiffe://example.org/web");
  EXPECT_EQ(name({{}, {"other.example", "WEB.example"}}), "web.example");
  EXPECT_EQ(name({{"web.example"}, {"spiffe://example.org/web"}}), "");
  EXPECT_EQ(name({{"spiffe://example.org/WEB"}, {"*.example"}}), "");
}

class AuthorityFilesTest : public ::testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text, mode_t mode = 0600) const {
    std::string path = directory_.path() + "/" + name;
    std::ofstream(path) << text;
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return path;
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(AuthorityFilesTest, TokenOfNobodyIsRefused) {
  const std::string identities = write("identities.toml", "[identities.web]\nverbs = [\"read\"]\n");
  const std::string tokens = write("tokens", "wbe sha256:" + to_hex(hash_token("abc")) + "\n");
  const auto loaded = load_authority(identities, tokens);
  ASSERT_FALSE(loaded.has_value());
  EXPECT_EQ(loaded.error(), tokens + ": the token ba7816bf is of \"wbe\", which is no identity of " + identities +
                                "; did you mean web?");
}

TEST_F(AuthorityFilesTest, OthersMayNotWriteIdentities) {
  const std::string identities = write("identities.toml", "[identities.web]\nverbs = [\"read\"]\n", 0664);
  EXPECT_THAT(load_authority(identities, "").error(), HasSubstr("only its owner may write to it"));
  write("identities.toml", "", 0644);
  EXPECT_TRUE(load_authority(identities, "").has_value());
}

}  // namespace
}  // namespace futured::security
