// AuditLog: who asked for what, and what was decided. A file of JSON lines, mode 0600, that is only ever added to:
//   {"time":"2026-11-21T05:20:00.123Z","level":"info","message":"allowed","identity":"web","namespace":"shop",
//    "peer":"ipv4:10.0.0.7:51234","verb":"cancel","rpc":"/futured.v1.FutureService/Cancel","ids":2,"first_id":"0123…"}
// There are no arguments, values or tokens in it, and control characters are escaped.
//
// A thread of its own writes. Whoever records never waits: when too many lines wait, those of what was allowed are
// dropped first, so that a flood of allowed calls cannot hide a denied one. What is dropped is counted, and so is what
// cannot be written.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <tl/expected.hpp>

#include "server/core/clock.h"
#include "server/core/mutex.h"

namespace futured::security {

struct AuditRecord {
  core::WallTime time = {};
  bool allowed = false;
  // Of a denial.
  std::string reason = {};
  // Empty: unknown.
  std::string identity = {};
  std::string name_space = {};
  std::string peer = {};
  std::string verb = {};
  std::string rpc = {};
  // Futures that it was about, and the first of them.
  std::uint64_t ids = 0;
  std::string first_id = {};
  std::string executor = {};
  std::string function = {};
};

// May be used from any thread.
class AuditLog {
 public:
  struct Settings {
    std::string path;
    // Lines that may wait.
    std::size_t queue = 8192;
    // Told when lines begin to be lost, and again after it went well in between. From any thread; must not block.
    std::function<void(const std::string& what)> on_trouble = {};
  };
  struct Stats {
    std::uint64_t written = 0;
    std::uint64_t dropped_allowed = 0;
    std::uint64_t dropped_denied = 0;
    // Lines that the system refused.
    std::uint64_t failed = 0;
  };

  // Opens the file. The failure names it.
  static tl::expected<std::unique_ptr<AuditLog>, std::string> open(Settings settings);
  // Writes what waits.
  ~AuditLog();
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;

  void record(AuditRecord record) FUTURED_EXCLUDES(mu_);
  // Lines that are recorded from now on go to the file that then has that name. Where it cannot be opened, the old one
  // is kept, and that is trouble.
  void reopen() FUTURED_EXCLUDES(mu_);
  Stats stats() const FUTURED_EXCLUDES(mu_);

 private:
  struct Waiting {
    std::uint64_t number;
    AuditRecord record;
  };

  AuditLog(Settings settings, int descriptor);

  bool is_full_locked() const FUTURED_REQUIRES(mu_) { return allowed_.size() + denied_.size() >= settings_.queue; }
  void run() FUTURED_EXCLUDES(mu_);
  // In the order of recording.
  static std::string lines_of(std::deque<Waiting> allowed, std::deque<Waiting> denied);
  void write(const std::string& lines, std::uint64_t count) FUTURED_EXCLUDES(mu_);
  void open_again();
  void trouble(const std::string& what);

  const Settings settings_;
  // Of the writing thread.
  int descriptor_;
  bool in_trouble_ = false;
  bool torn_ = false;
  // Dropped lines that somebody was told of.
  std::uint64_t told_ = 0;

  mutable core::Mutex mu_;
  core::CondVar changed_;
  bool stopping_ FUTURED_GUARDED_BY(mu_) = false;
  bool reopen_ FUTURED_GUARDED_BY(mu_) = false;
  std::uint64_t next_ FUTURED_GUARDED_BY(mu_) = 0;
  std::deque<Waiting> allowed_ FUTURED_GUARDED_BY(mu_);
  std::deque<Waiting> denied_ FUTURED_GUARDED_BY(mu_);
  Stats stats_ FUTURED_GUARDED_BY(mu_);
  std::thread thread_;
};

}  // namespace futured::security
