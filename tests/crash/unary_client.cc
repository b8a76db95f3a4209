#include "tests/crash/unary_client.h"

#include <algorithm>
#include <string>

#include "tests/crash/options.h"
#include "tests/crash/reading.h"

namespace futured::crash {
namespace {

constexpr std::uint64_t kTasksAtOnce = 48;
constexpr std::size_t kMostOpen = 640;
// Reads of an outcome, in different lives of the daemon, before it is forgotten.
constexpr int kReads = 3;

}  // namespace

UnaryClient::UnaryClient(Run& run, std::uint32_t session)
    : client_(run, session), stub_(v1::FutureService::NewStub(client_.channel())) {}

void UnaryClient::work() {
  while (!client_.run().winds_up()) {
    if (open_.size() < kMostOpen) submit_some();
    await();
    read_again();
    forget_some();
  }
  while (!open_.empty() && !client_.run().is_over()) await();
}

void UnaryClient::submit_some() {
  const std::uint64_t first = next_;
  next_ += kTasksAtOnce;
  const v1::SubmitRequest request = submission_of(first, next_);
  v1::SubmitResponse response;
  Fact sent;
  std::uint64_t life = 0;
  const auto submit = [&](grpc::ClientContext& context) {
    life = client_.run().lives.load();
    sent = note(0, Entry::kStored);
    return stub_->Submit(&context, request, &response);
  };
  if (!client_.call("Submit", submit)) return;
  std::vector<Fact> facts;
  if (client_.run().lives.load() == life) facts.push_back(sent);
  for (std::uint64_t counter = first; counter < next_; ++counter) {
    hear_accepted(counter, response.futures(static_cast<int>(counter - first)), facts);
  }
  client_.run().ledger.append(facts);
  cancel_some(first, next_);
}

v1::SubmitRequest UnaryClient::submission_of(std::uint64_t first, std::uint64_t end) const {
  v1::SubmitRequest request;
  for (std::uint64_t counter = first; counter < end; ++counter) {
    v1::Task& task = *request.add_tasks();
    task.set_id(to_string(client_.id(counter)));
    const std::uint64_t key = client_.key(counter);
    task.set_function(function_of(key));
    task.mutable_arguments()->ParseFromString(arguments_of(key));
    if (kind_of(key) != Kind::kDefault) *task.mutable_options() = options_of(key);
  }
  // Every other time the outcomes come with the answer.
  if (first / kTasksAtOnce % 2 == 0) request.mutable_wait()->set_nanos(5'000'000);
  return request;
}

void UnaryClient::hear_accepted(std::uint64_t counter, const v1::SubmittedFuture& future, std::vector<Fact>& facts) {
  const std::uint64_t key = client_.key(counter);
  facts.push_back(note(key, Entry::kAccepted));
  if (future.has_outcome()) {
    facts.push_back(ended(key, future.outcome()));
    seen_[counter] = {client_.run().lives.load()};
  } else {
    open_.insert(counter);
  }
}

void UnaryClient::cancel_some(std::uint64_t first, std::uint64_t end) {
  v1::CancelRequest request;
  request.set_mode(v1::CANCEL_MODE_PENDING);
  std::vector<std::uint64_t> keys;
  for (std::uint64_t counter = first; counter < end; ++counter) {
    if (!is_cancelled(client_.key(counter))) continue;
    keys.push_back(client_.key(counter));
    request.add_ids(to_string(client_.id(counter)));
  }
  if (keys.empty()) return;
  v1::CancelResponse response;
  if (!client_.try_once([&](auto& context) { return stub_->Cancel(&context, request, &response); })) return;
  std::vector<Fact> facts;
  for (int i = 0; i < response.effects_size(); ++i) {
    const auto key = keys[static_cast<std::size_t>(i)];
    if (response.effects(i) == v1::CANCEL_EFFECT_CANCELLED) facts.push_back(note(key, Entry::kCancelled));
    if (response.effects(i) == v1::CANCEL_EFFECT_NOT_FOUND) facts.push_back(note(key, Entry::kUnknown));
  }
  client_.run().ledger.append(facts);
}

void UnaryClient::await() {
  if (open_.empty()) return;
  v1::AsCompletedRequest request;
  for (const std::uint64_t counter : open_) request.add_ids(to_string(client_.id(counter)));
  request.mutable_timeout()->set_nanos(100'000'000);
  client_.call("AsCompleted", [&](grpc::ClientContext& context) {
    const auto stream = stub_->AsCompleted(&context, request);
    for (v1::AsCompletedResponse response; stream->Read(&response);) hear(response);
    grpc::Status status = stream->Finish();
    if (status.ok()) return status;
    // What was heard before it broke must not be asked for again.
    if (explained_by_crash(status)) client_.wait_for_daemon();
    const bool unknown = status.error_code() == grpc::StatusCode::NOT_FOUND;
    if (unknown) drop_unknown();
    return unknown || explained_by_crash(status) ? grpc::Status::OK : status;
  });
}

void UnaryClient::drop_unknown() {
  v1::GetRequest request;
  for (const std::uint64_t counter : open_) request.add_ids(to_string(client_.id(counter)));
  v1::GetResponse response;
  if (!client_.try_once([&](auto& context) { return stub_->Get(&context, request, &response); })) return;
  std::set<std::uint64_t> missing = open_;
  for (const auto& future : response.futures()) missing.erase(core::parse_future_id(future.id())->counter());
  std::vector<Fact> facts;
  for (const std::uint64_t counter : missing) {
    facts.push_back(note(client_.key(counter), Entry::kUnknown));
    open_.erase(counter);
  }
  client_.run().ledger.append(facts);
}

void UnaryClient::hear(const v1::AsCompletedResponse& response) {
  std::vector<Fact> facts;
  for (const auto& future : response.completed()) {
    const std::uint64_t counter = core::parse_future_id(future.id())->counter();
    facts.push_back(ended(client_.key(counter), future.outcome()));
    if (open_.erase(counter) == 0) client_.run().trouble("AsCompleted told of " + future.id() + " twice");
    seen_[counter] = {client_.run().lives.load()};
  }
  client_.run().ledger.append(facts);
}

void UnaryClient::read_again() {
  const std::uint64_t life = client_.run().lives.load();
  std::vector<std::uint64_t> counters;
  for (const auto& [counter, seen] : seen_) {
    if (seen.life < life && seen.times < kReads) counters.push_back(counter);
    if (counters.size() == kReadAtOnce) break;
  }
  if (!counters.empty()) read_again(counters);
}

void UnaryClient::read_all_again() {
  std::vector<std::uint64_t> counters;
  for (const auto& [counter, seen] : seen_) counters.push_back(counter);
  for (const auto some : in_pieces(counters)) read_again(some);
}

void UnaryClient::read_again(std::span<const std::uint64_t> counters) {
  const std::vector<Fact> facts = read_outcomes(client_, *stub_, counters);
  const std::uint64_t life = client_.run().lives.load();
  for (const Fact& fact : facts) {
    const auto seen = seen_.find(unpack(fact.key).counter);
    if (fact.entry == Entry::kUnknown) {
      seen_.erase(seen);
    } else {
      seen->second = {life, seen->second.times + 1};
    }
  }
  client_.run().ledger.append(facts);
}

void UnaryClient::forget_some() {
  v1::ForgetRequest request;
  std::vector<Fact> facts;
  for (const auto& [counter, seen] : seen_) {
    if (seen.times < kReads) continue;
    request.add_ids(to_string(client_.id(counter)));
    facts.push_back(note(client_.key(counter), Entry::kReleasing));
    if (facts.size() == kReadAtOnce) break;
  }
  if (facts.size() < kReadAtOnce) return;
  client_.run().ledger.append(facts);
  for (const Fact& fact : facts) seen_.erase(unpack(fact.key).counter);
  v1::ForgetResponse response;
  client_.call("Forget", [&](auto& context) { return stub_->Forget(&context, request, &response); });
}

}  // namespace futured::crash
