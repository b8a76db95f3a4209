#include "server/exec/invoke.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>

#include "futured/codec_error.h"
#include "futured/error_info.h"

namespace futured::exec {
namespace {

using ::testing::EndsWith;

constexpr std::size_t kHuge = std::size_t{100} << 20;

core::Error huge_error(int links) {
  core::Error error;
  error.type = error.message = error.traceback = std::string(kLongestErrorText + 1, 'x');
  if (links > 1) error.cause = std::make_shared<const core::Error>(huge_error(links - 1));
  return error;
}

TEST(InvokeTest, HugeWhatIsCutAndSaysSo) {
  const auto huge = std::make_exception_ptr(std::runtime_error(std::string(kHuge, 'x')));
  const core::Outcome outcome = threw(huge, false, {1, "thread-1", 0});
  ASSERT_EQ(outcome.state, core::State::kFailed);
  EXPECT_EQ(outcome.error->message.size(), kLongestErrorText);
  EXPECT_THAT(outcome.error->message, EndsWith("…[truncated, " + std::to_string(kHuge) + " bytes]"));
}

TEST(InvokeTest, EveryTextOfAnErrorIsCutAndItsChainToo) {
  const core::Outcome outcome = failed(huge_error(50));
  int links = 0;
  for (const core::Error* error = outcome.error.get(); error != nullptr; error = error->cause.get(), ++links) {
    for (const std::string& text : {error->type, error->message, error->traceback}) {
      ASSERT_EQ(text.size(), kLongestErrorText);
    }
  }
  EXPECT_EQ(links, kMostErrorCauses);
  EXPECT_LE(outcome.size(), std::size_t{1} << 20);
}

TEST(InvokeTest, TextThatIsNoUtf8BecomesText) {
  core::Error error;
  error.traceback = "a\xff";
  EXPECT_EQ(failed(error).error->traceback, "a?");
}

TEST(InvokeTest, OriginTellsWrongArgumentsFromBadResults) {
  const auto origin_of = [](const std::exception_ptr& exception) {
    return threw(exception, false, {1, "thread-1", 0}).error->origin;
  };
  EXPECT_EQ(origin_of(std::make_exception_ptr(ArgumentError("f", "expected 1 argument"))), core::Origin::kCall);
  EXPECT_EQ(origin_of(std::make_exception_ptr(ResultError("f: string result", "no text"))), core::Origin::kTask);
  EXPECT_EQ(origin_of(std::make_exception_ptr(CodecError("", "the function's own"))), core::Origin::kTask);
  EXPECT_EQ(origin_of(std::make_exception_ptr(ValueTooLarge("f", "above 2 GiB"))), core::Origin::kLimit);
}

TEST(InvokeTest, UnknownFunctionIsNamed) {
  const core::Outcome outcome = unknown_function("no.such", "thread", {3, "thread-1", 0});
  EXPECT_EQ(outcome.error->message, "executor \"thread\" has no function \"no.such\"");
  EXPECT_EQ(outcome.error->attempt, 3U);
}

}  // namespace
}  // namespace futured::exec
