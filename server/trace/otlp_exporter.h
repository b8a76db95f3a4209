// OtlpExporter: sends spans to a collector, by OTLP over HTTP.
//
// A thread of its own does it, batch by batch. Whoever records never waits for it: what finds the queue full is dropped
// and counted. A collector that does not answer, or asks for patience, is tried again, at growing intervals; meanwhile
// the queue fills.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "server/core/mutex.h"
#include "server/core/span.h"
#include "server/trace/http_post.h"
#include "server/trace/otlp_json.h"

namespace futured::trace {

class OtlpExporter final : public core::SpanSink {
 public:
  struct Settings {
    Endpoint endpoint;
    Headers headers = {};
    Resource resource = {};
    // What may wait.
    std::size_t queue = 8192;
    std::size_t queue_bytes = std::size_t{8} << 20;
    // A batch is sent when it has so many spans or bytes, or its first span has waited so long. On a busy machine each
    // request waits for the processor more than once, so that small batches would not keep up; and many servers take no
    // more than 1 MiB.
    std::size_t batch = 1024;
    std::size_t batch_bytes = std::size_t{1} << 20;
    core::Duration delay = std::chrono::seconds(1);
    // For the collector's answer.
    core::Duration timeout = std::chrono::seconds(10);
    // Before a batch is sent again; doubled each time. After the patience it is dropped.
    core::Duration first_back_off = std::chrono::seconds(1);
    core::Duration longest_back_off = std::chrono::seconds(30);
    core::Duration patience = std::chrono::minutes(5);
    // For what waits at the end.
    core::Duration farewell = std::chrono::seconds(1);
  };
  // Told of trouble with the collector, at most once in `longest_back_off`, on the exporter's thread.
  using OnTrouble = std::function<void(std::string_view what)>;

  // `clock`, that of the spans, must outlive the exporter.
  OtlpExporter(Settings settings, const core::Clock& clock, OnTrouble on_trouble);
  // stop().
  ~OtlpExporter() override;
  OtlpExporter(const OtlpExporter&) = delete;
  OtlpExporter& operator=(const OtlpExporter&) = delete;

  void record(std::vector<core::Span> spans) override FUTURED_EXCLUDES(mu_);
  // Sends what waits, for at most `farewell`; what is recorded later is dropped. May be called again.
  void stop() FUTURED_EXCLUDES(mu_);

  // Spans that a collector has taken, and those that were dropped.
  std::uint64_t exported() const { return exported_; }
  std::uint64_t dropped() const { return dropped_; }
  // Requests that failed.
  std::uint64_t failures() const { return failures_; }

 private:
  using Batch = std::vector<core::Span>;

  void run();
  // Waits for a batch. Empty: it is the end.
  Batch next() FUTURED_EXCLUDES(mu_);
  bool batch_is_full_locked() const FUTURED_REQUIRES(mu_);
  void send(const Batch& batch);
  // Whether to try again.
  bool send_once(const std::string& body, std::size_t spans);
  void complain(const std::string& what);
  // False: it is the end.
  bool pause(core::Duration time) FUTURED_EXCLUDES(mu_);

  const Settings settings_;
  const core::Clock& clock_;
  const OnTrouble on_trouble_;
  HttpPost post_;

  core::Mutex mu_;
  core::CondVar changed_;
  std::deque<core::Span> queue_ FUTURED_GUARDED_BY(mu_);
  std::size_t bytes_ FUTURED_GUARDED_BY(mu_) = 0;
  // When the first of the queue came into it.
  core::Time waiting_since_ FUTURED_GUARDED_BY(mu_);
  bool stopping_ FUTURED_GUARDED_BY(mu_) = false;
  core::Time end_ FUTURED_GUARDED_BY(mu_) = core::Time::max();

  std::atomic<std::uint64_t> exported_ = 0;
  std::atomic<std::uint64_t> dropped_ = 0;
  std::atomic<std::uint64_t> failures_ = 0;
  // Of the exporter's thread.
  core::Time quiet_until_ = core::Time::min();

  std::thread thread_;
};

}  // namespace futured::trace
