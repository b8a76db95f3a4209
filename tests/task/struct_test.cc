#include "futured/struct.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "error_text.h"
#include "futured/codec.h"

namespace web {

struct Link {
  std::string url;
  auto operator<=>(const Link&) const = default;
};
FUTURED_STRUCT(Link, url);

struct Page {
  std::string url;
  int status = 0;
  futured::Bytes body;
  std::vector<Link> links;
  std::optional<std::string> title;
  auto operator<=>(const Page&) const = default;
};
FUTURED_STRUCT(Page, url, status, body, links, title);

struct Derived : Link {
  int more = 0;
};

struct Wide {
  int a1, a2, a3, a4, a5, a6, a7, a8, b1, b2, b3, b4, b5, b6, b7, b8;
  int c1, c2, c3, c4, c5, c6, c7, c8, d1, d2, d3, d4, d5, d6, d7, d8;
};
FUTURED_STRUCT(Wide, a1, a2, a3, a4, a5, a6, a7, a8, b1, b2, b3, b4, b5, b6, b7, b8, c1, c2, c3, c4, c5, c6, c7, c8, d1,
               d2, d3, d4, d5, d6, d7, d8);

}  // namespace web

struct Global {
  bool yes = false;
};
FUTURED_STRUCT(Global, yes);

namespace futured {
namespace {

using web::Link;
using web::Page;

TEST(StructTest, RoundTripKeepsAllMembers) {
  const Page page{"http://a/", 200, {"\xff"}, {{"http://b/"}, {"http://c/"}}, "Title"};
  EXPECT_EQ(decode_value<Page>(encode_value(page)), page);
}

TEST(StructTest, StructWithOneMemberRoundTrips) {
  EXPECT_EQ(decode_value<Link>(encode_value(Link{"http://a/"})).url, "http://a/");
}

TEST(StructTest, StructOfGlobalNamespaceRoundTrips) {
  EXPECT_TRUE(decode_value<Global>(encode_value(Global{true})).yes);
}

TEST(StructTest, ThirtyTwoMembersRoundTrip) {
  web::Wide wide{};
  wide.a1 = 1;
  wide.d8 = 32;
  const auto decoded = decode_value<web::Wide>(encode_value(wide));
  EXPECT_EQ(decoded.a1, 1);
  EXPECT_EQ(decoded.d8, 32);
}

TEST(StructTest, TravelsAsMapOfItsMembers) {
  v1::Value value;
  Codec<Link>::encode({"http://a/"}, value);
  ASSERT_EQ(value.map_value().entries_size(), 1);
  EXPECT_EQ(value.map_value().entries().at("url").string_value(), "http://a/");
  EXPECT_EQ(Codec<Link>::name(), "Link");
}

TEST(StructTest, UnknownMemberIsIgnored) {
  const std::string bytes = encode_value(std::map<std::string, std::string>{{"url", "http://a/"}, {"later", "x"}});
  EXPECT_EQ(decode_value<Link>(bytes).url, "http://a/");
}

TEST(StructTest, MissingMemberIsErrorUnlessOptional) {
  Page page;
  v1::Value value;
  Codec<Page>::encode(page, value);
  value.mutable_map_value()->mutable_entries()->erase("title");
  EXPECT_EQ(Codec<Page>::decode(value), page);
  value.mutable_map_value()->mutable_entries()->erase("status");
  EXPECT_EQ(error_text<CodecError>([&] { Codec<Page>::decode(value); }), "Page lacks its member \"status\"");
}

TEST(StructTest, ErrorsNameTheMember) {
  v1::Value value;
  Codec<std::vector<Page>>::encode(std::vector<Page>(4), value);
  auto& page = *value.mutable_list_value()->mutable_items(3)->mutable_map_value();
  (*page.mutable_entries())["url"].set_bool_value(true);
  v1::Arguments arguments;
  *arguments.add_positional() = value;
  EXPECT_EQ(error_text<ArgumentError>(
                [&] { decode_arguments<std::vector<Page>>("web.index", arguments.SerializeAsString()); }),
            "web.index: argument 1[3].url: expected string, got bool true");
  EXPECT_EQ(error_text<ArgumentError>([] {
              encode_arguments(Page{"", 0, {}, {{"\xff"}}, {}});
            }),
            "argument 1.links[0].url: 1 bytes are no UTF-8 text; use futured::Bytes for them");
}

TEST(StructTest, ListOfBaseDoesNotSpeakForDerived) {
  EXPECT_TRUE(detail::ListedStruct<Link>);
  EXPECT_FALSE(detail::ListedStruct<web::Derived>);
}

}  // namespace
}  // namespace futured
