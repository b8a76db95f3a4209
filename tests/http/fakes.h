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
  void respond(http::Response response) override {
    answer = std::move(response);
    gone_ = nullptr;
  }
  void begin_stream(http::Response head) override { stream_head = std::move(head); }
  bool write(std::string piece) override {
    if (!reads) return false;
    pieces.push_back(std::move(piece));
    return true;
  }
  void when_written(std::function<void()> written) override {
    if (reads) written();
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
class FakeCaller final : public core::UnaryCaller, public core::StreamCaller {
 public:
  std::shared_ptr<core::UnaryCall> start(core::UnaryRequest given, core::UnaryCaller::Done told) override {
    request = std::move(given);
    done = std::move(told);
    return call;
  }

  std::shared_ptr<core::StreamCall> start_stream(core::UnaryRequest given, Message next_message,
                                                 core::UnaryCaller::Done told) override {
    request = std::move(given);
    message = std::move(next_message);
    done = std::move(told);
    return call;
  }

  struct Call final : core::StreamCall {
    void cancel() override { cancelled = true; }
    void next() override { ++asked; }
    bool cancelled = false;
    // Messages after the first that were asked for.
    int asked = 0;
  };
  std::optional<core::UnaryRequest> request;
  core::UnaryCaller::Done done;
  Message message;
  const std::shared_ptr<Call> call = std::make_shared<Call>();
};

}  // namespace futured::testing
