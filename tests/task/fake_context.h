// FakeContext: a task without a daemon.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "futured/context.h"

namespace futured {

class FakeContext final : public Context {
 public:
  std::string id() const override { return "00000000-0000-8000-8000-000000000001"; }
  unsigned attempt() const override { return 1; }
  std::optional<std::chrono::steady_clock::time_point> deadline() const override { return std::nullopt; }
  std::stop_token stop_token() override { return source.get_token(); }
  bool stop_requested() const override { return source.stop_requested(); }
  void log(LogLevel, std::string_view text) override { lines.emplace_back(text); }
  void progress(double fraction, std::string_view) override { fractions.push_back(fraction); }

  std::stop_source source;
  std::vector<std::string> lines;
  std::vector<double> fractions;
};

}  // namespace futured
