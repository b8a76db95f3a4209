// What all handles of a future share.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "futured/future.h"
#include "watch.h"

namespace futured::detail {

class Session;

enum class Status : std::uint8_t { kPending, kRunning, kSucceeded, kFailed, kCancelled, kBroken };

// States only move forward:
//
//   kPending ──► kRunning ──► kSucceeded · kFailed · kCancelled · kBroken      (kPending may skip kRunning)
//
// The session's mutex guards every field until the status is final. From then on the fields are constant and may be
// read without it by who has seen the final status; but for those of settle(), which guards them itself.
class FutureState {
 public:
  // What few futures have.
  struct Extras {
    std::vector<Callback> callbacks;
    std::vector<ProgressCallback> progress_callbacks;
    std::optional<Progress> progress;  // For them, until they are called.
    std::string attached_id;           // Constant. The ID of an attached future, which is not of this session.
  };

  explicit FutureState(std::shared_ptr<Session> owner) : session(std::move(owner)) {}

  Status status() const noexcept { return status_.load(std::memory_order_acquire); }
  bool done() const noexcept { return status() >= Status::kSucceeded; }
  // REQUIRES: the session's mutex, and that it is not done.
  void set_status(Status status) noexcept { status_.store(status, std::memory_order_release); }

  // Makes of the payload what result() returns or throws, once; then it is as before.
  // REQUIRES: done().
  void settle(Decoder decoder);
  // What result() throws of a future that becomes kBroken. REQUIRES: the session's mutex, and that it is not done.
  void set_error(std::exception_ptr error) noexcept { error_ = std::move(error); }
  // After settle(): one of the two, or none for a future without a value.
  const void* value() const noexcept { return value_.get(); }
  const std::exception_ptr& error() const noexcept { return error_; }

  // REQUIRES: the session's mutex.
  Extras& extras() {
    if (!extras_) extras_ = std::make_unique<Extras>();
    return *extras_;
  }
  bool has_callbacks() const noexcept { return extras_ && !extras_->callbacks.empty(); }
  bool has_progress_callbacks() const noexcept { return extras_ && !extras_->progress_callbacks.empty(); }
  // It belongs to another session. Constant once the future has a counter, and so is its ID.
  bool attached() const noexcept { return attached_; }
  const std::string& attached_id() const noexcept { return extras_->attached_id; }
  void set_attached(std::string id) {
    attached_ = true;
    extras().attached_id = std::move(id);
  }

  const std::shared_ptr<Session> session;
  std::uint64_t counter = 0;  // Written once, before the future is known to others.
  Link* watchers = nullptr;
  // kSucceeded: a serialized Value. kFailed: a serialized Error.
  std::string payload;

 private:
  void decode(Decoder decoder);

  std::atomic<Status> status_ = Status::kPending;
  bool attached_ = false;
  enum class Settled : std::uint8_t { kNo, kUnderway, kYes };
  std::atomic<Settled> settled_ = Settled::kNo;
  std::unique_ptr<Extras> extras_;
  std::shared_ptr<const void> value_;
  std::exception_ptr error_;
};

}  // namespace futured::detail
