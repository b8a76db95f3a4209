// UnaryClient: submits, cancels, waits, reads again after each restart, and forgets, each by a call of its own.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>

#include "futured/v1/future_service.grpc.pb.h"
#include "tests/crash/client.h"

namespace futured::crash {

// For one thread at a time.
class UnaryClient {
 public:
  UnaryClient(Run& run, std::uint32_t session);

  // Until the run winds up; then until all has ended.
  void work();
  // Reads everything again that was not forgotten.
  void read_all_again();

 private:
  // Of an outcome that was told.
  struct Seen {
    // When it was read last.
    std::uint64_t life = 0;
    int times = 1;
  };

  void submit_some();
  v1::SubmitRequest submission_of(std::uint64_t first, std::uint64_t end) const;
  void hear_accepted(std::uint64_t counter, const v1::SubmittedFuture& future, std::vector<Fact>& facts);
  void cancel_some(std::uint64_t first, std::uint64_t end);
  void await();
  void drop_unknown();
  void hear(const v1::AsCompletedResponse& response);
  void read_again();
  void read_again(std::span<const std::uint64_t> counters);
  void forget_some();

  Client client_;
  const std::unique_ptr<v1::FutureService::Stub> stub_;
  std::uint64_t next_ = 1;
  std::set<std::uint64_t> open_;
  std::map<std::uint64_t, Seen> seen_;
};

}  // namespace futured::crash
