// FakeClient, FakeCaller: the ends of the HTTP side, for tests of what is between.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/core/unary_caller.h"
#include "server/http/message.h"

namespace futured::testing {

// For one thread.
class FakeClient final : public http::Client {
 public:
  const std::string& peer() const override { return peer_; }
  void respond(http::Response response) override { answer = std::move(response); }
  void begin_stream(http::Response head) override { stream_head = std::move(head); }
  bool write(std::string piece) override {
    if (!reads) return false;
    pieces.push_back(std::move(piece));
    return true;
  }
  void close() override {
    closed = true;
    if (const auto told = std::exchange(gone_, nullptr)) told();
  }
  void when_gone(std::function<void()> gone) override { gone_ = std::move(gone); }

  std::optional<http::Response> answer;
  std::optional<http::Response> stream_head;
  std::vector<std::string> pieces;
  bool reads = true;
  bool closed = false;

 private:
  const std::string peer_ = "127.0.0.1:40000";
  std::function<void()> gone_;
};

// Takes one call, and answers it when the test says so. For one thread.
class FakeCaller final : public core::UnaryCaller {
 public:
  std::shared_ptr<core::UnaryCall> start(core::UnaryRequest given, Done told) override {
    request = std::move(given);
    done = std::move(told);
    return call;
  }

  struct Call final : core::UnaryCall {
    void cancel() override { cancelled = true; }
    bool cancelled = false;
  };
  std::optional<core::UnaryRequest> request;
  Done done;
  const std::shared_ptr<Call> call = std::make_shared<Call>();
};

}  // namespace futured::testing
