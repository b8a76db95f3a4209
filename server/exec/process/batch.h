// Batch: a lease as it is told to a worker process, piece by piece, and what the worker tells back.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "futured/worker/v1/worker.pb.h"
#include "server/core/clock.h"
#include "server/core/future_table.h"
#include "server/core/outcome.h"

namespace futured::exec {

// The lease that one worker holds. For the io thread.
class Batch {
 public:
  // `max_value_size` in bytes.
  Batch(core::FutureTable& table, const core::Clock& clock, std::string worker, std::uint64_t max_value_size)
      : table_(table), clock_(clock), worker_(std::move(worker)), max_value_size_(max_value_size) {}
  // `claims` are the ledger, shared with the worker; or, for a worker without, one claim of the daemon's. They outlive
  // what is held. A piece has no more tasks.
  void use(std::span<core::Claim> claims, bool shared) {
    claims_ = claims;
    shared_ = shared;
  }

  // Takes a lease. REQUIRES: it holds none.
  void hold(std::shared_ptr<core::Lease> lease);
  const std::shared_ptr<core::Lease>& lease() const { return lease_; }
  // Fills `message` with the next piece, with about `max_size` bytes of arguments or a single task. False: every task
  // has been told of, and has a result or was taken back. REQUIRES: no results are missing.
  bool next(std::size_t max_size, worker::v1::Batch& message);
  // Results of the piece are missing.
  bool waiting() const { return reported_ < entries_.size(); }
  // Since when the worker could begin a task of the piece and has not; nothing: it runs one, or has none.
  std::optional<core::Time> idle_since() const;
  // How many tasks the worker has begun, of all leases, as far as their results were heard or it is gone.
  std::uint64_t begun() const { return begun_; }

  // What the worker said. An empty answer, or how it broke the protocol.
  std::string started(const worker::v1::Started& started);
  std::string results(const worker::v1::Results& results);
  std::string progress(const worker::v1::Progress& progress);
  // Keeps a line with its task, if that runs; or counts one that was dropped.
  void log(const worker::v1::WorkerLog& log);
  void drop_line(const worker::v1::WorkerLog& log);
  // The same from the journal of a worker that is gone, some of which may have been heard before.
  void recovered(const worker::v1::Results& results);

  // The function and ID of a task that the worker logs about; null when it is not one of the piece.
  const core::LeaseEntry* find(std::uint64_t number, std::uint32_t index) const;
  // How the worker knows an entry of `lease`, if it has been told and its result is missing. Index -1: not so.
  struct Place {
    std::uint64_t number = 0;
    std::int64_t index = -1;
  };
  Place place_of(const core::Lease& lease, std::size_t entry) const;

  // Takes back what comes after an entry. Whether the worker is inside that entry, and will begin no other of the
  // lease.
  bool hold_at(std::size_t entry);
  // The worker is gone: what it had begun, and what it was promised and `is_forced`, ends as `outcome_of` says;
  // everything else goes back to the queue.
  void abandon(const std::function<bool(std::size_t entry)>& is_forced,
               const std::function<core::Outcome(std::size_t entry)>& outcome_of);
  // All is reported; the caller gives the lease back.
  std::shared_ptr<core::Lease> release();

 private:
  // It has begun and has no result.
  bool runs(std::uint64_t number, std::uint32_t index) const;
  // Tells the table of the lines of task `index` that were dropped since it was told last, before one that was not.
  void append_lines(std::uint32_t index, std::span<const core::NewLogLine> lines);
  std::string result(std::uint32_t index, const worker::v1::Result& result);
  core::Outcome outcome_of(const core::LeaseEntry& entry, const worker::v1::Result& result) const;
  bool add_call(std::size_t entry, worker::v1::Batch& message);

  core::FutureTable& table_;
  const core::Clock& clock_;
  const std::string worker_;
  const std::uint64_t max_value_size_;
  std::span<core::Claim> claims_;
  // The worker can begin by itself, and tasks can be taken back from it.
  bool shared_ = false;

  std::shared_ptr<core::Lease> lease_;
  // The next entry to be told.
  std::size_t next_entry_ = 0;
  // Number of the piece and when it was made; its entries in the order of their indices; how many have results, and
  // when one last came.
  std::uint64_t number_ = 0;
  core::Time told_at_;
  std::vector<std::size_t> entries_;
  std::size_t reported_ = 0;
  core::Time reported_at_;
  std::uint64_t begun_ = 0;
  // Lines that were dropped and the table has not been told of, and the task of the piece that they are of.
  std::uint64_t dropped_ = 0;
  std::uint32_t dropped_of_ = 0;
};

}  // namespace futured::exec
