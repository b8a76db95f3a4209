#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "future_state.h"
#include "futured/executor.h"
#include "session.h"
#include "waiter.h"

namespace futured::detail {

namespace {

void check(const MapOptions& options) {
  if (options.chunksize < 1) throw std::invalid_argument("chunksize must be >= 1");
  if (options.buffersize && *options.buffersize < 1) throw std::invalid_argument("buffersize must be >= 1");
}

// Submits all. What the input throws goes through, once the calls before it are submitted.
std::vector<StatePtr> submit_all(const Submission& submission, std::string_view function, const NextCall& next_call,
                                 std::size_t chunksize) {
  std::vector<StatePtr> futures;
  std::vector<std::string> chunk;
  std::string arguments;
  try {
    while (next_call(arguments)) {
      chunk.push_back(std::move(arguments));
      if (chunk.size() == chunksize) submission.submit(function, chunk, futures);
    }
  } catch (...) {
    submission.submit(function, chunk, futures);
    throw;
  }
  if (!chunk.empty()) submission.submit(function, chunk, futures);
  return futures;
}

}  // namespace

std::unique_ptr<MapCalls> start_map(const Submission& submission, std::string_view function, NextCall next_call,
                                    const MapOptions& options) {
  const auto deadline = options.timeout.deadline();
  check(options);
  if (!options.buffersize) {
    return std::make_unique<MapCalls>(
        submit_all(submission, function, next_call, static_cast<std::size_t>(options.chunksize)), nullptr, deadline);
  }
  auto source = [submission, function = std::string(function), next_call = std::move(next_call)]() -> StatePtr {
    std::string arguments;
    return next_call(arguments) ? submission.submit(function, std::move(arguments)) : nullptr;
  };
  std::vector<StatePtr> futures;
  for (int i = 0; i < *options.buffersize; ++i) {
    StatePtr call = source();
    if (!call) return std::make_unique<MapCalls>(std::move(futures), nullptr, deadline);
    futures.push_back(std::move(call));
  }
  return std::make_unique<MapCalls>(std::move(futures), std::move(source), deadline);
}

MapCalls::MapCalls(std::vector<StatePtr> submitted, Source source, Timeout::Clock::time_point deadline)
    : calls_(std::make_move_iterator(submitted.begin()), std::make_move_iterator(submitted.end())),
      source_(std::move(source)),
      deadline_(deadline) {}

MapCalls::~MapCalls() {
  if (started_) cancel_rest();
}

StatePtr MapCalls::next(Decoder decoder) {
  started_ = true;
  if (source_) pull();
  if (calls_.empty()) {
    if (source_error_) std::rethrow_exception(std::exchange(source_error_, nullptr));
    return nullptr;
  }
  if (!wait_until_done(calls_.front(), deadline_)) {
    cancel_rest();
    throw TimeoutError("the results of map are not there in time");
  }
  StatePtr oldest = std::move(calls_.front());
  calls_.pop_front();
  oldest->settle(decoder);
  if (oldest->error()) {
    cancel_rest();
    std::rethrow_exception(oldest->error());
  }
  return oldest;
}

void MapCalls::pull() {
  try {
    if (StatePtr call = source_()) {
      calls_.push_back(std::move(call));
      return;
    }
  } catch (...) {
    source_error_ = std::current_exception();
  }
  source_ = nullptr;
}

void MapCalls::cancel_rest() {
  source_ = nullptr;
  source_error_ = nullptr;
  if (calls_.empty()) return;
  const auto session = calls_.front()->session;
  session->cancel_pending({calls_.begin(), calls_.end()});
  calls_.clear();
}

}  // namespace futured::detail
