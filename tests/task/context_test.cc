#include "futured/context.h"

#include <gtest/gtest.h>

#include "fake_context.h"

namespace futured {
namespace {

TEST(ContextTest, ThrowsCancelledOnlyWhenAskedToStop) {
  FakeContext context;
  EXPECT_NO_THROW(context.throw_if_stop_requested());
  context.source.request_stop();
  EXPECT_THROW(context.throw_if_stop_requested(), Cancelled);
}

}  // namespace
}  // namespace futured
