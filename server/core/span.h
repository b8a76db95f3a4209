// Span: a part of a task's life that has ended, for who watches traces. SpanSink: who takes them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/core/clock.h"
#include "server/core/ids.h"
#include "server/core/outcome.h"
#include "server/core/trace.h"

namespace futured::core {

struct Span {
  enum class Kind : std::uint8_t {
    // From the submission, or the end of the attempt before, until an attempt began, or the future ended without one.
    kQueue,
    // One attempt.
    kRun,
    // Until the store had made the submission, or the outcome, safe.
    kStoreSubmission,
    kStoreOutcome,
    // The whole task, from its submission to its end: the root of a trace that the daemon began. It has the ID that is
    // the others' parent.
    kTask,
  };

  Kind kind = Kind::kRun;
  // Its `parent` is the caller's span, that this one is a part of.
  SharedTrace trace;
  SpanId id = 0;
  FutureId future;
  // From 1. Of kQueue: the one that was waited for. Of the store's: the last one; 0: there was none.
  std::uint32_t attempt = 0;
  Time begin;
  Time end;
  std::string function;
  // Name of the executor.
  std::string executor;
  // Who ran it; empty where that is unknown.
  std::string worker = {};
  // How the attempt, or the future, ended; kPending: it goes on.
  State outcome = State::kPending;
  // Of a failure. No message: that may quote arguments.
  std::string error_type = {};
  Origin error_origin = Origin::kTask;
};

// Thread-safe.
class SpanSink {
 public:
  virtual ~SpanSink() = default;
  // Takes spans, in no order. Quick, as tasks wait for it: what there is no room for is dropped. Called with no lock
  // held.
  virtual void record(std::vector<Span> spans) = 0;
};

}  // namespace futured::core
