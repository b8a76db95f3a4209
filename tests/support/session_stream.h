// SessionStream: one Session stream, as an SDK would use it, blocking and bounded in time.
#pragma once

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "futured/v1/future_service.grpc.pb.h"
#include "tests/support/session_server.h"

namespace futured::testing {

// The last event of a future.
struct SessionOutcome {
  v1::SessionEventKind kind;
  std::string payload;
  // Of an unknown one.
  std::string reason;
};

// One stream, as an SDK would use it.
class SessionStream {
 public:
  explicit SessionStream(SessionServer& server, const std::string& session = kSession, std::uint32_t max_workers = 0,
                         const std::string& caller = "")
      : stub_(v1::FutureService::NewStub(server.channel())) {
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    if (!caller.empty()) context_.AddMetadata(kCallerKey, caller);
    stream_ = stub_->Session(&context_);
    v1::SessionRequest request;
    request.mutable_hello()->set_session(session);
    request.mutable_hello()->set_max_workers(max_workers);
    // Fails if the stream was refused at once, which the end of it tells.
    (void)stream_->Write(request);
  }

  void write(const v1::SessionRequest& request) { EXPECT_TRUE(stream_->Write(request)); }
  void submit(std::uint64_t first, const std::string& function, const std::vector<std::string>& arguments,
              const v1::TaskOptions& options = {}) {
    EXPECT_TRUE(try_submit(first, function, arguments, options));
  }
  // False: the stream has ended.
  bool try_submit(std::uint64_t first, const std::string& function, const std::vector<std::string>& arguments,
                  const v1::TaskOptions& options = {}) {
    v1::SessionRequest request;
    auto& run = *request.add_submits();
    run.set_first(first);
    run.set_function(function);
    if (options.ByteSizeLong() > 0) *run.mutable_options() = options;
    for (const auto& bytes : arguments) run.add_arguments(bytes);
    return stream_->Write(request);
  }
  void acknowledge(std::uint64_t sequence) {
    v1::SessionRequest request;
    request.set_acknowledged(sequence);
    write(request);
  }
  // Reads until `enough` says so, or the stream ends.
  template <class Predicate>
  bool read_until(Predicate enough) {
    while (!enough()) {
      v1::SessionResponse response;
      if (!stream_->Read(&response)) return false;
      if (response.has_welcome()) welcome = response.welcome();
      if (response.accepted() > 0) accepted = response.accepted();
      for (const auto& refusal : response.refusals()) refusals.push_back(refusal);
      for (const auto& answer : response.cancelled()) cancelled.push_back(answer);
      for (const auto& events : response.events()) {
        last_sequence = events.sequence();
        int unknown = 0;
        for (int i = 0; i < events.counters_size(); ++i) {
          outcomes_seen += events.kinds(i) != v1::SESSION_EVENT_KIND_STARTED;
          order.push_back(events.counters(i));
          latest[events.counters(i)] = {events.kinds(i), events.payloads(i), ""};
          if (events.kinds(i) != v1::SESSION_EVENT_KIND_UNKNOWN) continue;
          latest[events.counters(i)].reason = events.unknown_reasons(unknown++);
        }
      }
    }
    return true;
  }
  bool read_outcomes(std::size_t count) {
    return read_until([&] { return finished() >= count; });
  }
  // Tasks of all refusals.
  std::uint64_t refused() const {
    std::uint64_t count = 0;
    for (const auto& refusal : refusals) count += refusal.count();
    return count;
  }
  std::size_t finished() const {
    std::size_t count = 0;
    for (const auto& [counter, outcome] : latest) count += outcome.kind != v1::SESSION_EVENT_KIND_STARTED;
    return count;
  }
  grpc::Status end() {
    stream_->WritesDone();
    read_until([] { return false; });
    return stream_->Finish();
  }
  grpc::Status finish() {
    read_until([] { return false; });
    return stream_->Finish();
  }
  void break_off() { context_.TryCancel(); }
  // Of the metadata that came with the status; empty when there is none. Once the stream has ended.
  std::string trailer(const std::string& key) const {
    const auto& all = context_.GetServerTrailingMetadata();
    const auto found = all.find(key);
    return found == all.end() ? "" : std::string(found->second.data(), found->second.size());
  }

  v1::SessionWelcome welcome;
  std::uint64_t accepted = 0;
  std::uint64_t last_sequence = 0;
  std::size_t outcomes_seen = 0;
  std::vector<std::uint64_t> order;
  std::vector<v1::SessionRefusal> refusals;
  std::vector<v1::SessionCancelled> cancelled;
  std::map<std::uint64_t, SessionOutcome> latest;

  static constexpr const char* kSession = "0192e4a0-1111-8222-9333-000000000000";

 private:
  grpc::ClientContext context_;
  std::unique_ptr<v1::FutureService::Stub> stub_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::SessionRequest, v1::SessionResponse>> stream_;
};

}  // namespace futured::testing
