#include "server/exec/process/frame.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

#include "futured/worker/v1/worker.pb.h"

namespace futured::exec {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Of these tests' readers, bytes.
constexpr std::size_t kLimit = 1000;

std::string header(std::uint32_t size) {
  std::string bytes;
  for (int i = 0; i < 4; ++i) bytes += static_cast<char>(size >> (8 * i) & 0xff);
  return bytes;
}

std::string framed(const std::string& content) { return header(static_cast<std::uint32_t>(content.size())) + content; }

std::vector<std::string> frames_of(FrameReader& reader) {
  std::vector<std::string> frames;
  while (const auto frame = reader.next()) frames.emplace_back(*frame);
  return frames;
}

TEST(FrameTest, MessageBecomesALengthAndItsBytes) {
  worker::v1::ToWorker message;
  message.mutable_stop()->set_batch(7);
  std::string bytes = "before";
  append_frame(message, bytes);
  EXPECT_EQ(bytes, "before" + framed(message.SerializeAsString()));
}

TEST(FrameTest, LengthIsLittleEndian) {
  worker::v1::FromWorker message;
  message.mutable_log()->set_text(std::string(0x010203, 'x'));
  std::string bytes;
  append_frame(message, bytes);
  EXPECT_EQ(bytes.substr(0, 4), header(static_cast<std::uint32_t>(message.ByteSizeLong())));
  EXPECT_EQ(bytes[3], 0);
  EXPECT_EQ(bytes[2], 1);
}

TEST(FrameTest, FrameMayBeSplitAtEveryByte) {
  const std::string bytes = framed("one") + framed("second");
  for (std::size_t at = 0; at <= bytes.size(); ++at) {
    FrameReader reader(kLimit);
    reader.append(std::string_view(bytes).substr(0, at));
    std::vector<std::string> frames = frames_of(reader);
    EXPECT_EQ(frames.size(), at < 7 ? 0U : at < bytes.size() ? 1U : 2U) << at;
    reader.append(std::string_view(bytes).substr(at));
    std::ranges::move(frames_of(reader), std::back_inserter(frames));
    EXPECT_THAT(frames, ElementsAre("one", "second")) << at;
    EXPECT_EQ(reader.error(), "");
  }
}

TEST(FrameTest, FramesMayComeByteByByte) {
  FrameReader reader(kLimit);
  std::vector<std::string> frames;
  for (const char byte : framed("a") + framed(std::string(kLimit, 'b')) + framed("c")) {
    reader.append({&byte, 1});
    std::ranges::move(frames_of(reader), std::back_inserter(frames));
  }
  EXPECT_THAT(frames, ElementsAre("a", std::string(kLimit, 'b'), "c"));
}

TEST(FrameTest, OneReadMayBringManyFrames) {
  std::string bytes;
  for (int i = 0; i < 10'000; ++i) bytes += framed(std::to_string(i));
  FrameReader reader(kLimit);
  reader.append(bytes);
  const std::vector<std::string> frames = frames_of(reader);
  ASSERT_EQ(frames.size(), 10'000U);
  EXPECT_EQ(frames[9'999], "9999");
}

TEST(FrameTest, LargestFrameIsAllowedAndOneByteMoreIsNot) {
  FrameReader reader(kLimit);
  reader.append(framed(std::string(kLimit, 'x')) + framed(std::string(kLimit + 1, 'x')));
  EXPECT_EQ(frames_of(reader).size(), 1U);
  EXPECT_THAT(reader.error(), HasSubstr("announces 1001 bytes; 1 to 1000"));
}

TEST(FrameTest, LengthAloneIsEnoughToRefuseAFrame) {
  for (const std::uint32_t size : {0U, 1001U, 0x7fffffffU, 0x80000000U, 0xffffffffU}) {
    FrameReader reader(kLimit);
    reader.append(header(size));
    EXPECT_THAT(frames_of(reader), IsEmpty()) << size;
    EXPECT_THAT(reader.error(), HasSubstr("announces " + std::to_string(size) + " bytes"));
  }
}

TEST(FrameTest, NothingIsReadBehindABrokenFrame) {
  FrameReader reader(kLimit);
  reader.append(framed("good") + header(0) + framed("late"));
  EXPECT_THAT(frames_of(reader), ElementsAre("good"));
  reader.append(framed("later"));
  EXPECT_THAT(frames_of(reader), IsEmpty());
  EXPECT_NE(reader.error(), "");
}

TEST(FrameTest, GarbageIsRefused) {
  FrameReader reader(kLimit);
  reader.append("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(frames_of(reader), IsEmpty());
  EXPECT_THAT(reader.error(), HasSubstr("announces"));
}

TEST(FrameTest, AnnouncedSizeCostsNoMoreThanTheLimit) {
  FrameReader reader(kLimit);
  reader.append(header(0xffffffff));
  EXPECT_LT(reader.space().size(), std::size_t{1} << 20);
}

TEST(FrameTest, SpaceHoldsTheRestOfALargeFrame) {
  constexpr std::size_t kLarge = std::size_t{5} << 20;
  FrameReader reader(kLarge);
  reader.append(header(kLarge));
  EXPECT_GE(reader.space().size(), kLarge);
}

TEST(FrameTest, LimitMayBeRaisedBetweenFrames) {
  FrameReader reader(3);
  reader.append(framed("abc") + framed("abcd"));
  EXPECT_EQ(reader.next(), "abc");
  reader.limit(4);
  EXPECT_EQ(reader.next(), "abcd");
}

}  // namespace
}  // namespace futured::exec
