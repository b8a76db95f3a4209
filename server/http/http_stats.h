// HttpStats: what the HTTP side counts about itself.
#pragma once

#include <cstdint>
#include <map>

#include "server/core/mutex.h"

namespace futured::http {

struct HttpCounts {
  // Answers by status code.
  std::map<unsigned, std::uint64_t> requests = {};
  std::uint64_t connections = 0;
  std::uint64_t accepted = 0;
  // Closed at once, because there were too many.
  std::uint64_t shed = 0;
  std::uint64_t event_streams = 0;
  // Event streams that were ended because their clients did not read.
  std::uint64_t slow_readers = 0;
};

// May be used from any thread.
class HttpStats {
 public:
  HttpCounts counts() const FUTURED_EXCLUDES(mu_) {
    core::MutexLock lock(mu_);
    return counts_;
  }
  template <class Change>
  void update(const Change& change) FUTURED_EXCLUDES(mu_) {
    core::MutexLock lock(mu_);
    change(counts_);
  }

 private:
  mutable core::Mutex mu_;
  HttpCounts counts_ FUTURED_GUARDED_BY(mu_);
};

}  // namespace futured::http
