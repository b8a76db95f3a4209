#include "server/trace/otlp_exporter.h"

#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <utility>

namespace futured::trace {
namespace {

// No span takes more in JSON, nor in the queue, besides its texts. Escaping is not counted: few texts need any.
constexpr std::size_t kSpanSize = 800;

std::size_t size_of(const core::Span& span) {
  return kSpanSize + 2 * span.function.size() + span.executor.size() + span.worker.size() + span.error_type.size() +
         span.trace->state.size();
}

core::Time now() { return std::chrono::steady_clock::now(); }

bool is_success(unsigned status) { return status >= 200 && status < 300; }

// Those of the specification, and one for whoever was too slow.
bool asks_for_patience(unsigned status) {
  return status == 408 || status == 429 || status == 502 || status == 503 || status == 504;
}

}  // namespace

OtlpExporter::OtlpExporter(Settings settings, const core::Clock& clock, OnTrouble on_trouble)
    : settings_(std::move(settings)),
      clock_(clock),
      on_trouble_(std::move(on_trouble)),
      post_(settings_.endpoint, settings_.headers),
      thread_([this] { run(); }) {}

OtlpExporter::~OtlpExporter() { stop(); }

void OtlpExporter::record(std::vector<core::Span> spans) {
  core::MutexLock lock(mu_);
  const bool was_empty = queue_.empty();
  const bool was_full = batch_is_full_locked();
  for (core::Span& span : spans) {
    const std::size_t size = size_of(span);
    if (stopping_ || queue_.size() >= settings_.queue || bytes_ + size > settings_.queue_bytes) {
      ++dropped_;
      continue;
    }
    bytes_ += size;
    queue_.push_back(std::move(span));
  }
  if (was_empty) waiting_since_ = now();
  if ((was_empty && !queue_.empty()) || (!was_full && batch_is_full_locked())) changed_.notify_all();
}

void OtlpExporter::stop() {
  {
    core::MutexLock lock(mu_);
    if (!stopping_) {
      stopping_ = true;
      end_ = now() + settings_.farewell;
      post_.hurry(end_);
    }
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void OtlpExporter::run() {
  // Signals are for the main thread.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  for (Batch batch = next(); !batch.empty(); batch = next()) send(batch);
}

OtlpExporter::Batch OtlpExporter::next() {
  core::MutexLock lock(mu_);
  while (!stopping_ && !batch_is_full_locked()) {
    if (queue_.empty()) {
      changed_.wait(mu_);
    } else if (const core::Time due = waiting_since_ + settings_.delay; now() < due) {
      changed_.wait_until(mu_, due);
    } else {
      break;
    }
  }
  if (stopping_ && now() >= end_) {
    dropped_ += queue_.size();
    queue_.clear();
  }
  Batch batch;
  for (std::size_t bytes = 0; !queue_.empty() && batch.size() < settings_.batch && bytes < settings_.batch_bytes;) {
    const std::size_t size = size_of(queue_.front());
    bytes += size;
    bytes_ -= size;
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  waiting_since_ = now();
  return batch;
}

bool OtlpExporter::batch_is_full_locked() const {
  return queue_.size() >= settings_.batch || bytes_ >= settings_.batch_bytes;
}

void OtlpExporter::send(const Batch& batch) {
  const std::string body = to_json(batch, settings_.resource, clock_);
  const core::Time give_up = now() + settings_.patience;
  core::Duration back_off = settings_.first_back_off;
  while (send_once(body, batch.size())) {
    if (now() + back_off >= give_up || !pause(back_off)) {
      dropped_ += batch.size();
      return;
    }
    back_off = std::min(2 * back_off, settings_.longest_back_off);
  }
}

bool OtlpExporter::send_once(const std::string& body, std::size_t spans) {
  const auto status = post_.post(body, now() + settings_.timeout);
  if (status && is_success(*status)) {
    exported_ += spans;
    return false;
  }
  ++failures_;
  if (!status) {
    complain(status.error());
    return true;
  }
  complain("the collector at " + settings_.endpoint.authority() + " answers " + std::to_string(*status));
  if (asks_for_patience(*status)) return true;
  dropped_ += spans;
  return false;
}

void OtlpExporter::complain(const std::string& what) {
  if (now() < quiet_until_) return;
  quiet_until_ = now() + settings_.longest_back_off;
  on_trouble_(what);
}

bool OtlpExporter::pause(core::Duration time) {
  const core::Time end = now() + time;
  core::MutexLock lock(mu_);
  while (!stopping_ && now() < end) changed_.wait_until(mu_, end);
  return !stopping_;
}

}  // namespace futured::trace
