#include "outbox.h"

#include <iterator>
#include <utility>

namespace futured::detail {
namespace {

constexpr std::size_t kMaxSpares = 8;
// Tags, lengths and the counter of a run, at most.
constexpr std::size_t kRunFrame = 32;

bool same_options(const v1::SessionSubmit& run, const v1::TaskOptions* options) {
  return run.has_options() == (options != nullptr) &&
         (options == nullptr || run.options().SerializeAsString() == options->SerializeAsString());
}

// What a new run takes besides arguments.
std::size_t envelope_of(std::string_view function, const v1::TaskOptions* options) {
  return kRunFrame + function.size() + (options == nullptr ? 0 : options->ByteSizeLong());
}

}  // namespace

void Outbox::append(std::uint64_t counter, std::string_view function, const Options& options, std::string&& arguments) {
  Call call{counter, function, options ? &options->message : nullptr, std::move(arguments)};
  const bool same_run = continues_last_run(call, options);
  append_to(unsent_, std::move(call), same_run);
  last_options_ = options;
  run_open_ = true;
}

bool Outbox::continues_last_run(const Call& call, const Options& options) const {
  if (unsent_.empty()) return false;
  const Batch& batch = *unsent_.back();
  const v1::SessionSubmit& run = *batch.request.submits().rbegin();
  return call.counter == batch.last + 1 && run.function() == call.function &&
         ((run_open_ && options == last_options_) || same_options(run, call.options));
}

void Outbox::append_to(std::deque<BatchPtr>& batches, Call&& call, bool same_run) {
  if (batches.empty() || !fits(*batches.back(), call, same_run)) {
    batches.push_back(fresh());
    same_run = false;
  }
  Batch& batch = *batches.back();
  const std::size_t before = batch.size();
  add(batch, std::move(call), same_run);
  ++tasks_;
  bytes_ += batch.size() - before;
}

bool Outbox::fits(const Batch& batch, const Call& call, bool same_run) {
  const std::size_t added = call.arguments.size() + (same_run ? 0 : envelope_of(call.function, call.options));
  return batch.tasks < kMaxTasks && batch.size() + added <= kMaxBytes;
}

void Outbox::add(Batch& batch, Call&& call, bool same_run) {
  auto* runs = batch.request.mutable_submits();
  if (!same_run) {
    v1::SessionSubmit& run = *runs->Add();
    run.set_first(call.counter);
    run.set_function(call.function.data(), call.function.size());
    if (call.options != nullptr) *run.mutable_options() = *call.options;
    batch.envelope += envelope_of(call.function, call.options);
  }
  if (batch.tasks == 0) batch.first = call.counter;
  batch.last = call.counter;
  batch.bytes += call.arguments.size();
  ++batch.tasks;
  *runs->rbegin()->add_arguments() = std::move(call.arguments);
}

Outbox::BatchPtr Outbox::fresh() {
  if (spares_.empty()) return std::make_unique<Batch>();
  BatchPtr batch = std::move(spares_.back());
  spares_.pop_back();
  return batch;
}

void Outbox::discard(BatchPtr batch) {
  tasks_ -= batch->tasks;
  bytes_ -= batch->size();
  if (batch->size() > kMaxBytes || spares_.size() == kMaxSpares) return;
  batch->request.Clear();
  batch->first = batch->last = 0;
  batch->tasks = batch->bytes = batch->envelope = 0;
  spares_.push_back(std::move(batch));
}

void Outbox::put_back(std::deque<BatchPtr> batches) {
  unsent_.insert(unsent_.begin(), std::make_move_iterator(batches.begin()), std::make_move_iterator(batches.end()));
  run_open_ = false;
}

Batch* Outbox::next() {
  std::uint64_t last = unsent_.front()->last;
  std::deque<BatchPtr> kept;
  if (withdrawn_.empty()) {
    kept.push_back(std::move(unsent_.front()));
  } else {
    kept = rebuild(std::move(unsent_.front()), [](std::uint64_t) { return true; });
  }
  unsent_.pop_front();
  if (kept.size() > 1) last = kept.front()->last;
  certain_from_ = std::max(certain_from_, last + 1);
  if (repeat_ <= last) repeat_ = 0;
  if (kept.empty()) return nullptr;
  sent_.push_back(std::move(kept.front()));
  kept.pop_front();
  if (!kept.empty()) put_back(std::move(kept));
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
  bytes_ = sent_.empty() ? 0 : sent_.front()->size();
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
