// SessionReactor: one Session stream.
//
// Reading and handling requests happens on gRPC's threads, one message at a time. Writing gathers: while a message is
// on its way, events wait in the table's outbox and answers here, and leave together in the next one. There is at most
// one write in flight, and whoever finds none starts it.
//
// Lifetime: the reactor keeps itself alive from its construction to OnDone; the table and the registry hold further
// references, and may call notify() and end() at any time, from any thread.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "futured/v1/future_service.pb.h"
#include "server/core/future_table.h"
#include "server/core/mutex.h"
#include "server/core/timekeeper.h"
#include "server/rpc/gate.h"
#include "server/rpc/open_stream.h"
#include "server/rpc/session_registry.h"

namespace futured::rpc {

// What a daemon tells its sessions.
struct SessionSettings {
  // Drawn anew at each start.
  std::string epoch;
  std::string version;
  // Of serialized arguments, in bytes.
  std::uint64_t max_arguments_size = std::uint64_t{4} << 20;
  std::uint64_t max_message_size = std::uint64_t{5} << 20;
  // A stream whose peer does not read its events is not read from while more than this many wait.
  std::size_t max_waiting_events = 100'000;
};

class SessionReactor final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                             public core::Subscriber,
                             public LiveCall,
                             public std::enable_shared_from_this<SessionReactor> {
 public:
  // The parts are not owned, and must outlive all streams.
  struct Parts {
    core::FutureTable& table;
    const core::Clock& clock;
    core::Timekeeper& timekeeper;
    SessionRegistry& registry;
    const SessionSettings& settings;
    Gate& gate;
  };

  // Starts reading. The result belongs to itself; hand it to gRPC.
  static SessionReactor* start(Parts parts, grpc::CallbackServerContext& context);

  // core::Subscriber
  void notify() override FUTURED_EXCLUDES(mu_);
  // LiveCall
  void end(const core::Status& status) override FUTURED_EXCLUDES(mu_);

  // gRPC's reactions
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  SessionReactor(Parts parts, grpc::CallbackServerContext& context) : parts_(parts), context_(context) {}

  // Before the first request.
  core::Result<void> admit();
  // Handling of requests, on the reading thread.
  core::Result<void> handle();
  core::Result<void> greet(const v1::SessionHello& hello);
  void submit(v1::SessionSubmit& submit);
  void submit_slice(core::TaskGroup group, std::span<core::NewTask> tasks);
  void record_submit(const v1::SessionSubmit& submit);
  core::Result<core::TaskGroup> group_of(const v1::SessionSubmit& submit);
  core::Result<void> read_options(const v1::TaskOptions& message, core::TaskGroup& group);
  core::Result<core::ExecutorIndex> executor_of(const v1::TaskOptions& options);
  core::Result<void> watch(const v1::SessionRequest& request);
  void observe(const v1::SessionRequest& request);
  core::Result<void> attach(const v1::SessionAttach& attach);
  // A counter that stands for a future cannot stand for another.
  core::Result<void> check_free(std::uint64_t counter) const FUTURED_EXCLUDES(mu_);
  core::Result<void> add_attached(std::uint64_t counter, core::FutureId id) FUTURED_EXCLUDES(mu_);
  // The future has finished, or is unknown.
  void forget_attached_locked(std::uint64_t counter) FUTURED_REQUIRES(mu_);
  Subject subject_of(const v1::SessionCancel& cancel) const FUTURED_EXCLUDES(mu_);
  core::Result<void> cancel(const v1::SessionCancel& cancel);
  void answer_when_stored();
  void set_handling(bool handling);
  void acknowledge(std::uint64_t sequence);
  // Of submits, which the daemon then has heard of.
  void refuse(std::uint64_t first, std::uint64_t count, const core::Status& status);
  void add_refusal(std::uint64_t first, std::uint64_t count, const core::Status& status);
  core::FutureId id_of(std::uint64_t counter) const FUTURED_EXCLUDES(mu_);
  // Reads on, unless the peer does not read from us.
  void read_on();

  // Writing, by whoever set `writing_`.
  void write_if_idle() FUTURED_EXCLUDES(mu_);
  void write_next() FUTURED_EXCLUDES(mu_);
  // Moves answers and events into `response_`. False: there is nothing to say, or the stream ends.
  bool fill_response() FUTURED_EXCLUDES(mu_);
  // Whether the answers must not wait for the next events.
  bool is_urgent_locked() const FUTURED_REQUIRES(mu_);
  // Answers for one message, which clients accept up to some size. False: there are none.
  bool take_answers_locked() FUTURED_REQUIRES(mu_);
  // Writes, in a while, what then still waits for events to go with.
  void write_later() FUTURED_EXCLUDES(mu_);
  void write_all() FUTURED_EXCLUDES(mu_);
  void add_events(std::vector<core::Event>& events) FUTURED_EXCLUDES(mu_);
  // Ends the stream when nothing is being written; the first reason counts.
  void finish(const core::Result<void>& ending) FUTURED_EXCLUDES(mu_);

  const Parts parts_;
  grpc::CallbackServerContext& context_;
  // Of admit().
  Caller caller_;
  // Until OnDone.
  std::optional<OpenStream> stream_;
  std::shared_ptr<SessionReactor> self_;

  // Of the reading thread; the bytes belong to gRPC while it reads.
  // What the request has brought about, to be told once it is stored.
  v1::SessionResponse done_;
  grpc::ByteBuffer request_bytes_;
  v1::SessionRequest request_;
  bool greeted_ = false;
  core::SessionId session_;
  core::ExecutorIndex default_executor_ = 0;
  std::string default_executor_name_;
  std::map<std::string, core::ExecutorIndex, std::less<>> executors_;
  core::TaskOptions last_options_;
  core::SubscriberId subscriber_ = core::kNoSubscriber;
  std::uint64_t last_watched_ = 0;
  // The first counter that was refused for the time being; later ones are refused until it comes again.
  std::optional<std::uint64_t> refused_from_;
  core::Status refused_why_{core::Reason::kDaemonDraining, ""};

  // Of the writer; the bytes belong to gRPC while a write is in flight.
  v1::SessionResponse response_;
  grpc::ByteBuffer response_bytes_;
  // What is being written has outcomes.
  bool delivers_ = false;
  std::vector<core::Event> events_;

  mutable core::Mutex mu_;
  // A request is being handled; whatever it brings up is written after it.
  bool handling_ FUTURED_GUARDED_BY(mu_) = false;
  // A write is in flight or being prepared.
  bool writing_ FUTURED_GUARDED_BY(mu_) = false;
  // Something came up since the writer last looked.
  bool more_ FUTURED_GUARDED_BY(mu_) = false;
  bool finished_ FUTURED_GUARDED_BY(mu_) = false;
  bool reading_paused_ FUTURED_GUARDED_BY(mu_) = false;
  std::optional<core::Result<void>> finish_with_ FUTURED_GUARDED_BY(mu_);
  // Answers to be sent; no events.
  v1::SessionResponse answers_ FUTURED_GUARDED_BY(mu_);
  bool has_answers_ FUTURED_GUARDED_BY(mu_) = false;
  // Messages whose submits they accept.
  int accepted_messages_ FUTURED_GUARDED_BY(mu_) = 0;
  // They have waited for events, and do so no longer.
  bool have_waited_ FUTURED_GUARDED_BY(mu_) = false;
  bool will_write_later_ FUTURED_GUARDED_BY(mu_) = false;
  // Answers that wait for the store, about.
  int unstored_ FUTURED_GUARDED_BY(mu_) = 0;
  std::uint64_t next_sequence_ FUTURED_GUARDED_BY(mu_) = 1;
  // Outcomes sent and not acknowledged, by the number of their message.
  std::deque<std::pair<std::uint64_t, std::vector<core::Handle>>> unacknowledged_ FUTURED_GUARDED_BY(mu_);
  // Futures of other sessions, by the counter that stands for them.
  std::map<std::uint64_t, core::FutureId> attached_ FUTURED_GUARDED_BY(mu_);
  // How many stand for each of these.
  std::map<core::FutureId, std::uint32_t> attached_to_ FUTURED_GUARDED_BY(mu_);
};

}  // namespace futured::rpc
