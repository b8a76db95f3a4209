#include "futured/registry.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "error_text.h"
#include "fake_context.h"

namespace futured {
namespace {

namespace asio = boost::asio;

constexpr Task<bool(std::uint64_t)> kIsOdd{"math.is_odd"};
constexpr Task<std::string(std::string, int)> kRepeat{"text.repeat"};
constexpr Task<void()> kNoop{"noop"};

bool is_odd(std::uint64_t n) { return n % 2 == 1; }

class RegistryTest : public testing::Test {
 protected:
  std::string call(std::string_view name, const std::string& arguments) {
    return registry_.find(name)->call(context_, arguments);
  }
  std::string run(std::string_view name, std::string arguments) {
    asio::io_context io;
    auto value = asio::co_spawn(io, registry_.find(name)->call_async(context_, std::move(arguments)), asio::use_future);
    io.run();
    return value.get();
  }

  Registry registry_;
  FakeContext context_;
};

TEST_F(RegistryTest, PlainFunctionIsCalledWithItsArguments) {
  registry_.add(kIsOdd, is_odd);
  EXPECT_FALSE(registry_.find("math.is_odd")->is_coroutine());
  EXPECT_EQ(registry_.find("math.is_odd")->signature(), "bool(uint64)");
  EXPECT_TRUE(decode_value<bool>(call("math.is_odd", encode_arguments(7))));
}

TEST_F(RegistryTest, FunctionMayTakeContext) {
  registry_.add(kRepeat, [](Context& context, const std::string& text, int count) {
    context.log(LogLevel::kInfo, "repeating");
    std::string repeated;
    while (count-- > 0) repeated += text;
    return repeated;
  });
  EXPECT_EQ(decode_value<std::string>(call("text.repeat", encode_arguments("ab", 3))), "ababab");
  EXPECT_EQ(context_.lines, std::vector<std::string>{"repeating"});
}

TEST_F(RegistryTest, FunctionNeedNotBeCopyable) {
  registry_.add(kIsOdd, [two = std::make_unique<std::uint64_t>(2)](std::uint64_t n) { return n % *two == 1; });
  EXPECT_TRUE(decode_value<bool>(call("math.is_odd", encode_arguments(7))));
}

TEST_F(RegistryTest, FunctionOfNothingReturnsNothing) {
  int calls = 0;
  registry_.add(kNoop, [&calls] { ++calls; });
  EXPECT_EQ(call("noop", ""), encode_nothing());
  EXPECT_EQ(calls, 1);
}

TEST_F(RegistryTest, ResultIsConvertedToTheDeclaredTypeIfItFits) {
  constexpr Task<std::uint8_t(int)> kByte{"byte"};
  registry_.add(kByte, [](int n) { return n; });
  EXPECT_EQ(decode_value<std::uint8_t>(call("byte", encode_arguments(255))), 255);
  EXPECT_EQ(error_text<ResultError>([&] { call("byte", encode_arguments(256)); }),
            "byte: uint8 result: 256 does not fit uint8");
}

TEST_F(RegistryTest, ResultThatCannotBeEncodedNamesFunctionTypeAndPlace) {
  constexpr Task<std::vector<std::string>()> kTexts{"texts"};
  registry_.add(kTexts, [] { return std::vector<std::string>{"text", "\xff"}; });
  EXPECT_EQ(error_text<ResultError>([&] { call("texts", ""); }),
            "texts: list<string> result[1]: 1 bytes are no UTF-8 text; use futured::Bytes for them");
  constexpr Task<std::string()> kLater{"later"};
  registry_.add(kLater, []() -> asio::awaitable<std::string> { co_return "\xff"; });
  EXPECT_EQ(error_text<ResultError>([&] { run("later", ""); }),
            "later: string result: 1 bytes are no UTF-8 text; use futured::Bytes for them");
}

TEST_F(RegistryTest, CodecErrorOfTheFunctionItselfPassesThrough) {
  registry_.add(kNoop, [] { decode_value<int>(encode_value(std::string("text"))); });
  EXPECT_EQ(error_text<CodecError>([&] { call("noop", ""); }), "expected int32, got string \"text\"");
}

TEST_F(RegistryTest, ResultMayBeReference) {
  const std::string text = "kept elsewhere";
  constexpr Task<std::string()> kText{"text"};
  registry_.add(kText, [&text]() -> const std::string& { return text; });
  EXPECT_EQ(decode_value<std::string>(call("text", "")), text);
}

TEST_F(RegistryTest, ExceptionOfFunctionPassesThrough) {
  registry_.add(kNoop, [] { throw std::out_of_range("too far"); });
  EXPECT_THROW(call("noop", ""), std::out_of_range);
}

TEST_F(RegistryTest, WrongArgumentsAreRefusedBeforeTheCall) {
  registry_.add(kIsOdd, [](std::uint64_t) -> bool { throw std::logic_error("called"); });
  EXPECT_EQ(error_text<ArgumentError>([&] { call("math.is_odd", encode_arguments(-5)); }),
            "math.is_odd: argument 1: -5 does not fit uint64");
}

TEST_F(RegistryTest, CoroutineIsAwaited) {
  registry_.add(kRepeat, [](Context& context, std::string text, int count) -> asio::awaitable<std::string> {
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    context.log(LogLevel::kInfo, text);
    co_return text + std::to_string(count);
  });
  EXPECT_TRUE(registry_.find("text.repeat")->is_coroutine());
  EXPECT_EQ(decode_value<std::string>(run("text.repeat", encode_arguments("a", 3))), "a3");
  EXPECT_EQ(context_.lines, std::vector<std::string>{"a"});
}

TEST_F(RegistryTest, CoroutineOfNothingReturnsNothing) {
  registry_.add(kNoop, []() -> asio::awaitable<void> { co_return; });
  EXPECT_EQ(run("noop", ""), encode_nothing());
}

TEST_F(RegistryTest, ExceptionsOfCoroutineReachTheAwaiter) {
  registry_.add(kIsOdd, [](std::uint64_t n) -> asio::awaitable<bool> {
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    throw std::out_of_range(std::to_string(n));
  });
  EXPECT_THROW(run("math.is_odd", encode_arguments(7)), std::out_of_range);
  EXPECT_THROW(run("math.is_odd", encode_arguments("seven")), ArgumentError);
}

TEST_F(RegistryTest, SecondFunctionOfANameIsRefused) {
  registry_.add(kNoop, [] {});
  EXPECT_EQ(error_text<std::invalid_argument>([&] { registry_.add(kNoop, [] {}); }),
            "function \"noop\" is registered twice");
}

TEST_F(RegistryTest, UnknownFunctionIsNull) { EXPECT_EQ(registry_.find("nowhere"), nullptr); }

TEST_F(RegistryTest, FunctionsAreSortedAndStayWhereTheyAre) {
  registry_.add(kNoop, [] {});
  const Function* const noop = registry_.find("noop");
  registry_.add(kIsOdd, is_odd);
  EXPECT_EQ(registry_.functions(), (std::vector<const Function*>{registry_.find("math.is_odd"), noop}));
}

TEST_F(RegistryTest, FunctionMayBeCalledFromManyThreads) {
  registry_.add(kIsOdd, is_odd);
  std::vector<std::thread> threads;
  std::vector<int> odd(4);
  for (int& count : odd) {
    threads.emplace_back([this, &count] {
      FakeContext context;
      for (std::uint64_t n = 0; n < 1000; ++n) {
        count += decode_value<bool>(registry_.find("math.is_odd")->call(context, encode_arguments(n))) ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(odd, std::vector<int>(4, 500));
}

}  // namespace
}  // namespace futured
