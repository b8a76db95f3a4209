#include "tests/bench/echo_stream.h"

#include "tests/bench/daemon.h"

namespace futured::bench {
namespace {

// As long as the outcome of a task that returns nothing.
constexpr const char* kItem = "ok";

}  // namespace

EchoStream::EchoStream(EchoService::Stub& stub, int items_per_message, Clock::time_point end) : end_(end) {
  for (int i = 0; i < items_per_message; ++i) request_.add_items(kItem);
  stub.async()->Stream(&context_, this);
  StartWrite(&request_);
  StartRead(&response_);
  StartCall();
}

std::uint64_t EchoStream::wait() {
  done_.wait();
  check(status_, "Stream");
  return items_;
}

void EchoStream::OnWriteDone(bool ok) {
  if (!ok) return;
  if (Clock::now() < end_) {
    StartWrite(&request_);
  } else {
    StartWritesDone();
  }
}

void EchoStream::OnReadDone(bool ok) {
  if (!ok) return;
  items_ += static_cast<std::uint64_t>(response_.items_size());
  StartRead(&response_);
}

void EchoStream::OnDone(const grpc::Status& status) {
  status_ = status;
  done_.count_down();
}

}  // namespace futured::bench
