// The client's end of a session: one Executor object's futures and its stream to the daemon.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "callback_thread.h"
#include "connector.h"
#include "effects.h"
#include "future_state.h"
#include "futured/executor.h"
#include "futured/v1/executor_service.pb.h"
#include "outbox.h"
#include "refusal.h"
#include "session_id.h"
#include "state_table.h"
#include "stream.h"
#include "timer.h"

namespace futured::detail {

// Owns the unfinished futures, keeps a stream open while there are any, and makes the outcomes that arrive known. One
// mutex guards it and all its futures. Every method that changes something has the same shape: change under the mutex,
// note in Effects what follows, plan() the next write, release the mutex, perform().
//
// Safe from any thread. Held by its Executor, by handles of its futures, and by its stream.
class Session : public std::enable_shared_from_this<Session> {
 public:
  // Throws as Connector's.
  Session(std::string address, ExecutorOptions options);

  // For Executor. See there for errors.
  StatePtr submit(std::string_view function, std::string&& arguments, const Outbox::Options& options);
  void submit(std::string_view function, std::vector<std::string>& arguments, const Outbox::Options& options,
              std::vector<StatePtr>& futures);
  StatePtr attach(std::string id);
  // Refuses calls from then on. Waits for the answer to a cancel, and may wait until every future of ours is done and
  // its callbacks have run.
  void shutdown(bool wait, bool cancel_futures);
  // shutdown(false, true), then has the worker processes ended.
  void end_workers(v1::EndWorkersMode mode);
  // Ends the stream and the callback thread. Bounded. REQUIRES: shutdown(true).
  void close();
  std::string id() const { return id_.text(); }

  // For handles.
  std::mutex& mutex() noexcept { return mutex_; }
  std::string id_of(const FutureState& future) const;
  // True: the daemon confirmed it, or that it asked the function to stop. The grace is that of CANCEL_MODE_FORCE.
  bool cancel(const StatePtr& future, v1::CancelMode mode, std::chrono::milliseconds grace = {});
  // Has the pending ones cancelled, without waiting for the answer.
  void cancel_pending(const std::vector<StatePtr>& futures);
  void add_callback(const StatePtr& future, Callback callback);
  void add_progress_callback(const StatePtr& future, ProgressCallback callback);
  std::vector<LogLine> logs_of(const FutureState& future) const;

  // For Stream: gRPC's reactions.
  void on_response(Stream& stream, v1::SessionResponse& response);
  void on_written(Stream& stream, bool ok);
  void on_read_ended(Stream& stream);
  void on_stream_done(Stream& stream, const grpc::Status& status);
  void on_disconnected();

 private:
  using Clock = std::chrono::steady_clock;
  using Lock = std::unique_lock<std::mutex>;
  // Counters in a SessionCancel, and in those of a message.
  static constexpr std::size_t kMaxCancelled = 50'000;

  // A SessionCancel that has not been answered.
  struct CancelCall {
    v1::SessionCancel message;
    std::uint64_t highest = 0;  // Counter. To be sent once this one has been.
    bool sent = false;
    std::shared_ptr<Signal> answered;  // Null: nobody waits.
    v1::CancelEffect effect = v1::CANCEL_EFFECT_UNSPECIFIED;
  };
  using CancelPtr = std::shared_ptr<CancelCall>;
  // Why the session is of no use any more.
  struct Breakage {
    bool connection_lost = false;
    std::string text;
    Refusal refusal;
    // By which the daemon ended the session, if it did.
    grpc::StatusCode code = grpc::StatusCode::OK;
    std::exception_ptr error() const;
  };

  // session.cc: all REQUIRE the mutex.
  bool has_room(std::size_t bytes) const;
  // Waits for room: what the outbox holds must be planned to be sent, as nothing else makes any.
  void admit(Lock& lock, std::size_t bytes);
  StatePtr enqueue(StatePtr state, std::string_view function, std::string&& arguments, const Outbox::Options& options);
  void finish(StatePtr future, Status status, Effects& effects);
  void break_future(StatePtr future, std::exception_ptr error, Effects& effects);
  void break_all(Breakage breakage, Effects& effects);
  CancelPtr queue_cancel(std::vector<std::uint64_t> counters, v1::CancelMode mode, bool answered);
  bool cancel_unsent(FutureState& future, Effects& effects);
  void drop_cancels(Effects& effects);
  CancelPtr cancel_all_pending(Effects& effects);

  // session_write.cc: what is said next. All REQUIRE the mutex, but for the timers' functions.
  void plan(Effects& effects);
  // Nobody waits for them: they were cancelled after their stream was lost.
  void drop_calls(Effects& effects);
  void open(Effects& effects);
  const v1::SessionRequest* compose(Stream& stream, Effects& effects);
  // Whether there are futures to be watched, attached to or observed, which is said before more calls.
  bool has_lists();
  Batch* next_batch(Effects& effects);
  // The first unsent message, of a single call. True: the daemon would not read it, so the call has failed.
  bool refuse_too_large(const Batch& call, Effects& effects);
  bool may_send_calls() const;
  void greet(v1::SessionRequest& request);
  bool add_watched(v1::SessionRequest& request);
  bool add_attaches(v1::SessionRequest& request);
  bool add_observed(v1::SessionRequest& request);
  bool add_cancels(v1::SessionRequest& request);
  bool add_acknowledgement(v1::SessionRequest& request, bool alone);
  void release_when_over(Stream& stream, Effects& effects);
  void lose_stream(const grpc::Status& status, bool try_again, Effects& effects);
  void rewind(Effects& effects);
  void arm_give_up(Effects& effects);
  Clock::duration backoff();
  bool wants_stream() const { return !broken_ && !table_.empty(); }
  bool is_over() const { return closing_ || (shut_down_ && table_.empty() && cancels_.empty()); }
  void on_acknowledge_timer();
  void on_reconnect_timer();
  void on_give_up_timer();

  // session_read.cc: what is heard. All REQUIRE the mutex, but for the timer's function.
  void hear_welcome(const v1::SessionWelcome& welcome);
  void hear_accepted(std::uint64_t through);
  void hear_refusal(const v1::SessionRefusal& refusal, Effects& effects);
  void hear_events(Lock& lock, v1::SessionEvents& events, Effects& effects);
  void hear_event(std::uint64_t counter, v1::SessionEventKind kind, std::string* payload, const std::string* reason,
                  Effects& effects);
  void hear_cancelled(const v1::SessionCancelled& answer, Effects& effects);
  // False: the daemon waits for one of them, and is to be asked again once it has that.
  bool cancel_refused(const CancelCall& call, Effects& effects);
  void refuse(std::uint64_t counter, grpc::StatusCode code, const std::string& why, Refusal refusal, Effects& effects);
  std::exception_ptr unknown(const std::string& why, std::string reason) const;
  void settle(Effects& effects);
  void retry_refused(Effects& effects);
  void on_retry_timer();

  // session_progress.cc: these REQUIRE the mutex, the last EXCLUDES it.
  void observe(const FutureState& future);
  void hear_progress(std::uint64_t counter, const std::string& payload, Effects& effects);
  void run_progress_callbacks(const StatePtr& future);

  // session_effects.cc: all EXCLUDE the mutex.
  void perform(const Effects& effects);
  void arm(Timer& timer, const Effects::Delay& delay, void (Session::*function)());
  void run_callbacks(const StatePtr& future);
  void run_callback(const Callback& callback, const StatePtr& future);
  void note_called();
  void report_callback_error(std::exception_ptr error) const noexcept;

  // Constant after construction.
  const ExecutorOptions options_;
  const Connector connector_;
  const SessionId id_ = SessionId::random();

  mutable std::mutex mutex_;
  std::condition_variable window_;   // The outbox has room, or never will.
  std::condition_variable changed_;  // The last future is done, or the last connection is closed.

  // Guarded by mutex_.
  StateTable table_;
  Outbox outbox_;
  std::uint64_t next_counter_ = 1;
  std::size_t unfinished_ = 0;  // Futures in the table but for attached ones.
  std::size_t uncalled_ = 0;  // Futures that are done, and reports of progress, whose callbacks have not all returned.
  std::size_t blocked_submits_ = 0;
  bool shut_down_ = false;
  bool closing_ = false;
  std::optional<Breakage> broken_;
  std::unique_ptr<CallbackThread> callback_thread_;  // From the first callback on.

  std::map<std::uint64_t, std::string> attached_;  // Unfinished futures of other sessions: counter, ID.
  std::deque<std::uint64_t> attaches_;             // Those of them to be sent.
  std::set<std::uint64_t> observed_;               // Of our futures with progress callbacks those to be sent.
  std::deque<std::uint64_t> observed_attached_;    // The same of attached ones.
  std::map<std::uint64_t, CancelPtr> cancels_;     // By request.
  std::uint64_t next_cancel_ = 1;

  // The stream, and what was said and heard on it.
  std::shared_ptr<Stream> stream_;        // Null: none.
  int connections_ = 0;                   // This stream's, and those of earlier ones that are not closed yet.
  v1::SessionRequest control_;            // A message without calls, while it is written.
  Batch* in_flight_ = nullptr;            // The message with calls that is being written.
  std::deque<std::uint64_t> watched_;     // To be sent.
  std::uint64_t settled_through_ = 0;     // Counters up to here are accepted, or refused for good.
  std::uint64_t heard_through_ = 0;       // Counters up to here have had some answer since they were last sent.
  bool refused_ = false;                  // Calls are held back, since the daemon is full.
  bool retry_due_ = false;                // The delay it asked for is over.
  std::uint64_t max_arguments_size_ = 0;  // 0: not known yet.
  std::uint64_t max_message_size_ = 0;    // The same.
  std::string epoch_;
  bool restarted_ = false;  // The daemon was, since the session began.
  std::uint64_t last_sequence_ = 0;
  std::size_t unacknowledged_ = 0;  // Outcomes.
  std::size_t unacknowledged_bytes_ = 0;
  bool acknowledge_due_ = false;
  std::optional<Clock::time_point> unreachable_since_;
  std::string last_failure_;
  Refusal last_refusal_;
  int failures_ = 0;  // Attempts without success, one after another.
  std::minstd_rand jitter_;

  // A timer whose flag is set is armed, and only who set the flag arms it.
  bool acknowledge_armed_ = false;
  bool retry_armed_ = false;
  bool reconnect_armed_ = false;
  bool give_up_armed_ = false;
  Timer acknowledge_timer_;
  Timer retry_timer_;
  Timer reconnect_timer_;
  Timer give_up_timer_;
};

}  // namespace futured::detail
