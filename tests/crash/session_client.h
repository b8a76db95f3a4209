// SessionClient: submits, hears and acknowledges over a Session stream, as an SDK does, and a new one whenever it
// breaks.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "futured/v1/future_service.grpc.pb.h"
#include "tests/crash/client.h"

namespace futured::crash {

class SessionClient {
 public:
  // `executor`: that its tasks run on.
  SessionClient(Run& run, std::uint32_t session, std::string executor);

  // Until the run winds up; then until all has ended. On one thread.
  void work();
  // Afterwards: reads by ID what was told and not acknowledged.
  void read_again();

 private:
  using Stream = grpc::ClientReaderWriter<v1::SessionRequest, v1::SessionResponse>;

  // One stream, from greeting to end.
  void converse();
  v1::SessionRequest greeting();
  // The next message; nothing: the stream has broken, or all is done.
  std::optional<v1::SessionRequest> next_request();
  void add_submits(v1::SessionRequest& request, std::uint64_t first, std::uint64_t end) const;
  // May forget what was told in these messages. REQUIRES the mutex.
  std::vector<Fact> take_acknowledged_locked(v1::SessionRequest& request);
  bool has_room_locked() const;
  bool all_done_locked() const;

  // Notes that what is due was not told again. REQUIRES the mutex.
  void note_untold_locked(std::vector<Fact>& facts);

  // On the reading thread.
  void read(Stream& stream);
  void hear(const v1::SessionResponse& response);
  void hear_accepted_locked(const v1::SessionResponse& response, std::vector<Fact>& facts);
  void hear_events_locked(const v1::SessionEvents& events, std::vector<Fact>& facts);
  void judge_ending(const grpc::Status& status);

  Client client_;
  const std::string executor_;
  const std::unique_ptr<v1::FutureService::Stub> stub_;

  std::mutex mu_;
  std::condition_variable changed_;
  // The next counter to be used.
  std::uint64_t next_ = 1;
  // Those below are accepted, and perhaps others.
  std::uint64_t accepted_ = 1;
  // Submitted, and not told.
  std::set<std::uint64_t> open_;
  // Told, and not acknowledged.
  std::set<std::uint64_t> told_;
  // Of this stream.
  // Told by an earlier one and not acknowledged: it has to tell them again, before anything that is submitted later.
  std::set<std::uint64_t> due_;
  std::uint64_t later_ = 1;
  bool broken_ = false;
  bool refused_ = false;
  std::map<std::uint64_t, std::vector<std::uint64_t>> told_in_;
};

}  // namespace futured::crash
