#include "outbox.h"

#include <utility>

namespace futured::detail {
namespace {

constexpr std::size_t kMaxSpares = 8;

bool same_options(const v1::SessionSubmit& run, const v1::TaskOptions* options) {
  return run.has_options() == (options != nullptr) &&
         (options == nullptr || run.options().SerializeAsString() == options->SerializeAsString());
}

}  // namespace

void Outbox::append(std::uint64_t counter, std::string_view function, const Options& options, std::string&& arguments) {
  const bool full =
      unsent_.empty() || unsent_.back()->tasks >= kMaxTasks || unsent_.back()->bytes + arguments.size() > kMaxBytes;
  if (full) unsent_.push_back(fresh());
  Batch& batch = *unsent_.back();
  const std::size_t before = batch.bytes;
  auto* runs = batch.request.mutable_submits();
  const bool same_run = !full && run_open_ && options == last_options_ && runs->rbegin()->function() == function &&
                        counter == batch.last + 1;
  if (same_run) {
    batch.bytes += arguments.size();
    batch.last = counter;
    ++batch.tasks;
    *runs->rbegin()->add_arguments() = std::move(arguments);
  } else {
    add(batch, counter, function, options ? &options->message : nullptr, std::move(arguments));
  }
  last_options_ = options;
  run_open_ = true;
  ++tasks_;
  bytes_ += batch.bytes - before;
}

void Outbox::add(Batch& batch, std::uint64_t counter, std::string_view function, const v1::TaskOptions* options,
                 std::string&& arguments) {
  auto* runs = batch.request.mutable_submits();
  const bool same_run = !runs->empty() && counter == batch.last + 1 && runs->rbegin()->function() == function &&
                        same_options(*runs->rbegin(), options);
  if (!same_run) {
    v1::SessionSubmit& run = *runs->Add();
    run.set_first(counter);
    run.set_function(function.data(), function.size());
    if (options != nullptr) *run.mutable_options() = *options;
  }
  if (batch.tasks == 0) batch.first = counter;
  batch.last = counter;
  batch.bytes += arguments.size();
  ++batch.tasks;
  *runs->rbegin()->add_arguments() = std::move(arguments);
}

Outbox::BatchPtr Outbox::fresh() {
  if (spares_.empty()) return std::make_unique<Batch>();
  BatchPtr batch = std::move(spares_.back());
  spares_.pop_back();
  return batch;
}

void Outbox::discard(BatchPtr batch) {
  tasks_ -= batch->tasks;
  bytes_ -= batch->bytes;
  if (batch->bytes > kMaxBytes || spares_.size() == kMaxSpares) return;
  batch->request.Clear();
  batch->first = batch->last = 0;
  batch->tasks = batch->bytes = 0;
  spares_.push_back(std::move(batch));
}

Batch* Outbox::next() {
  BatchPtr batch = std::move(unsent_.front());
  unsent_.pop_front();
  certain_from_ = std::max(certain_from_, batch->last + 1);
  if (repeat_ <= batch->last) repeat_ = 0;
  if (!withdrawn_.empty()) {
    batch = rebuild(std::move(batch), [](std::uint64_t) { return true; });
    if (!batch) return nullptr;
  }
  sent_.push_back(std::move(batch));
  return sent_.back().get();
}

void Outbox::drop_front() {
  discard(std::move(unsent_.front()));
  unsent_.pop_front();
}

void Outbox::settle_through(std::uint64_t counter, const Batch* in_flight) {
  while (!sent_.empty() && sent_.front()->last <= counter && sent_.front().get() != in_flight) {
    discard(std::move(sent_.front()));
    sent_.pop_front();
  }
  if (sent_.empty() && unsent_.empty()) withdrawn_.clear();
}

void Outbox::clear(const Batch* in_flight) {
  unsent_.clear();
  std::erase_if(sent_, [&](const BatchPtr& batch) { return batch.get() != in_flight; });
  withdrawn_.clear();
  run_open_ = false;
  tasks_ = sent_.empty() ? 0 : sent_.front()->tasks;
  bytes_ = sent_.empty() ? 0 : sent_.front()->bytes;
}

std::optional<std::uint64_t> Outbox::first_unsettled() const {
  if (!sent_.empty()) return sent_.front()->first;
  return first_unsent();
}

std::optional<std::uint64_t> Outbox::first_unsent() const {
  if (unsent_.empty()) return std::nullopt;
  return unsent_.front()->first;
}

}  // namespace futured::detail
