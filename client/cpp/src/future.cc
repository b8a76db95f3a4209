#include "futured/future.h"

#include <stdexcept>

#include "future_state.h"
#include "session.h"
#include "waiter.h"

namespace futured {

using detail::Status;

bool FutureBase::done() const noexcept { return state_->done(); }
bool FutureBase::cancelled() const noexcept { return state_->status() == Status::kCancelled; }
bool FutureBase::running() const noexcept { return state_->status() == Status::kRunning; }

bool FutureBase::cancel() const { return state_->session->cancel(state_, v1::CANCEL_MODE_PENDING); }

bool FutureBase::request_stop() const { return state_->session->cancel(state_, v1::CANCEL_MODE_COOPERATIVE); }

bool FutureBase::kill(std::chrono::milliseconds grace) const {
  // The daemon would end the session for it.
  if (grace < grace.zero() || grace > std::chrono::hours(1)) {
    throw std::invalid_argument("grace must be from 0 to 1 hour, got " + std::to_string(grace.count()) + " ms");
  }
  return state_->session->cancel(state_, v1::CANCEL_MODE_FORCE, grace);
}

void FutureBase::add_progress_callback(std::function<void(const Progress&)> callback) const {
  state_->session->add_progress_callback(state_, std::move(callback));
}

std::vector<LogLine> FutureBase::logs() const { return state_->session->logs_of(*state_); }

std::string FutureBase::id() const { return state_->session->id_of(*state_); }

void FutureBase::settle(Timeout timeout, detail::Decoder decoder) const {
  if (!detail::wait_until_done(state_, timeout.deadline())) throw TimeoutError("the future is not done in time");
  state_->settle(decoder);
}

const void* FutureBase::value(Timeout timeout, detail::Decoder decoder) const {
  settle(timeout, decoder);
  if (state_->error()) std::rethrow_exception(state_->error());
  return state_->value();
}

std::exception_ptr FutureBase::error(Timeout timeout, detail::Decoder decoder) const {
  settle(timeout, decoder);
  if (state_->status() == Status::kCancelled) std::rethrow_exception(state_->error());
  return state_->error();
}

void FutureBase::call_when_done(detail::Callback callback) const {
  state_->session->add_callback(state_, std::move(callback));
}

}  // namespace futured
