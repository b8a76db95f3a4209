// log_of: what a future has logged so far.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/core/future_table.h"
#include "tests/support/recording_subscriber.h"

namespace futured::testing {

// REQUIRES: the future is there.
inline core::FutureNews news_of(core::FutureTable& table, core::FutureId id) {
  const auto observer = RecordingSubscriber::add(table);
  const core::WatchRequest request{id, 0};
  EXPECT_TRUE(table.subscribe(observer->id(), {&request, 1}, false));
  table.observe(observer->id(), {&request, 1}, core::Interest::kEverything);
  const core::Handle handle = observer->drain(table).back().handle;
  const core::LogPosition beginning;
  const auto news = table.news(handle, &beginning, SIZE_MAX);
  table.remove_subscriber(observer->id());
  return news.value();
}

inline std::vector<std::string> log_of(core::FutureTable& table, core::FutureId id) {
  std::vector<std::string> texts;
  for (const core::LogLine& line : news_of(table, id).lines) texts.emplace_back(line.text.view());
  return texts;
}

}  // namespace futured::testing
