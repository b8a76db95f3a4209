// RecordingSpans: keeps the spans that it is given.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "server/core/mutex.h"
#include "server/core/span.h"

namespace futured::testing {

// May be used from any thread.
class RecordingSpans final : public core::SpanSink {
 public:
  void record(std::vector<core::Span> spans) override {
    core::MutexLock lock(mu_);
    for (core::Span& span : spans) spans_.push_back(std::move(span));
  }
  // Those of a kind, in the order in which they came.
  std::vector<core::Span> of(core::Span::Kind kind) const {
    core::MutexLock lock(mu_);
    std::vector<core::Span> some;
    for (const core::Span& span : spans_) {
      if (span.kind == kind) some.push_back(span);
    }
    return some;
  }
  std::size_t size() const {
    core::MutexLock lock(mu_);
    return spans_.size();
  }

 private:
  mutable core::Mutex mu_;
  std::vector<core::Span> spans_ FUTURED_GUARDED_BY(mu_);
};

}  // namespace futured::testing
