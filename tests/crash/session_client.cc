#include "tests/crash/session_client.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "tests/crash/options.h"
#include "tests/crash/reading.h"

namespace futured::crash {
namespace {

constexpr std::uint64_t kTasksAtOnce = 128;
constexpr std::size_t kMostOpen = 640;
// Messages with events that wait for their acknowledgement, so that a crash finds some to be told again.
constexpr std::size_t kUnacknowledged = 8;
constexpr auto kStreamTime = std::chrono::seconds(40);

}  // namespace

SessionClient::SessionClient(Run& run, std::uint32_t session, std::string executor)
    : client_(run, session), executor_(std::move(executor)), stub_(v1::FutureService::NewStub(client_.channel())) {}

void SessionClient::work() {
  for (;;) {
    converse();
    {
      const std::lock_guard lock(mu_);
      if (all_done_locked()) return;
    }
    if (client_.run().is_over()) break;
    client_.wait_for_daemon();
  }
  std::vector<Fact> facts;
  const std::lock_guard lock(mu_);
  note_untold_locked(facts);
  client_.run().ledger.append(facts);
}

void SessionClient::read_again() {
  const std::vector<std::uint64_t> told(told_.begin(), told_.end());
  for (const auto some : in_pieces(told)) client_.run().ledger.append(read_outcomes(client_, *stub_, some));
}

void SessionClient::converse() {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kStreamTime);
  const auto stream = stub_->Session(&context);
  const v1::SessionRequest hello = greeting();
  std::thread reader([&] { read(*stream); });
  bool ok = stream->Write(hello);
  while (ok) {
    const auto request = next_request();
    if (!request) break;
    ok = stream->Write(*request);
  }
  stream->WritesDone();
  reader.join();
  judge_ending(stream->Finish());
}

v1::SessionRequest SessionClient::greeting() {
  const std::lock_guard lock(mu_);
  broken_ = refused_ = false;
  told_in_.clear();
  due_ = told_;
  later_ = next_;
  v1::SessionRequest request;
  request.mutable_hello()->set_session(to_string(client_.name()));
  request.mutable_hello()->set_executor(executor_);
  for (auto open = open_.lower_bound(accepted_); open != open_.end();) {
    const std::uint64_t first = *open;
    std::uint64_t end = first;
    for (; open != open_.end() && *open == end; ++open) ++end;
    add_submits(request, first, end);
  }
  // Those already told as well: they were not acknowledged, so they must be there, and the same.
  std::set<std::uint64_t> watched(open_.begin(), open_.lower_bound(accepted_));
  watched.insert(told_.begin(), told_.end());
  for (const std::uint64_t counter : watched) request.add_watched(counter);
  return request;
}

std::optional<v1::SessionRequest> SessionClient::next_request() {
  v1::SessionRequest request;
  std::vector<Fact> released;
  {
    std::unique_lock lock(mu_);
    const auto something = [&] {
      return broken_ || all_done_locked() || has_room_locked() || told_in_.size() > kUnacknowledged;
    };
    while (!something()) {
      changed_.wait_for(lock, std::chrono::milliseconds(100));
      if (client_.run().is_over()) return std::nullopt;
    }
    if (broken_ || all_done_locked()) return std::nullopt;
    released = take_acknowledged_locked(request);
    if (has_room_locked()) {
      add_submits(request, next_, next_ + kTasksAtOnce);
      for (std::uint64_t i = 0; i < kTasksAtOnce; ++i) open_.insert(next_++);
    }
  }
  client_.run().ledger.append(released);
  return request;
}

bool SessionClient::has_room_locked() const { return !client_.run().winds_up() && open_.size() < kMostOpen; }

bool SessionClient::all_done_locked() const { return client_.run().winds_up() && open_.empty() && due_.empty(); }

void SessionClient::add_submits(v1::SessionRequest& request, std::uint64_t first, std::uint64_t end) const {
  while (first < end) {
    const std::uint64_t key = client_.key(first);
    v1::SessionSubmit& submit = *request.add_submits();
    submit.set_first(first);
    submit.set_function(function_of(key));
    if (kind_of(key) != Kind::kDefault) *submit.mutable_options() = options_of(key);
    for (; first < end && are_alike(key, client_.key(first)); ++first) {
      submit.add_arguments(arguments_of(client_.key(first)));
    }
  }
}

std::vector<Fact> SessionClient::take_acknowledged_locked(v1::SessionRequest& request) {
  std::vector<Fact> released;
  while (told_in_.size() > kUnacknowledged) {
    const auto oldest = told_in_.begin();
    request.set_acknowledged(oldest->first);
    for (const std::uint64_t counter : oldest->second) {
      told_.erase(counter);
      released.push_back(note(client_.key(counter), Entry::kReleasing));
    }
    told_in_.erase(oldest);
  }
  return released;
}

void SessionClient::read(Stream& stream) {
  for (v1::SessionResponse response; stream.Read(&response);) hear(response);
  const std::lock_guard lock(mu_);
  broken_ = true;
  changed_.notify_all();
}

void SessionClient::hear(const v1::SessionResponse& response) {
  std::vector<Fact> facts;
  const std::lock_guard lock(mu_);
  hear_accepted_locked(response, facts);
  for (const auto& events : response.events()) hear_events_locked(events, facts);
  // Before the other thread can acknowledge it.
  client_.run().ledger.append(facts);
  changed_.notify_all();
}

void SessionClient::hear_accepted_locked(const v1::SessionResponse& response, std::vector<Fact>& facts) {
  // What is accepted counts past what was refused, also by an earlier message.
  std::uint64_t through = refused_ ? accepted_ : response.accepted();
  for (const auto& refusal : response.refusals()) {
    refused_ = true;
    if (!refusal.has_retry_delay()) client_.run().trouble("refused for good: " + refusal.message());
    through = std::min(through, refusal.first());
  }
  // The next stream repeats what was refused.
  if (refused_) broken_ = true;
  for (; accepted_ < through; ++accepted_) facts.push_back(note(client_.key(accepted_), Entry::kAccepted));
}

void SessionClient::hear_events_locked(const v1::SessionEvents& events, std::vector<Fact>& facts) {
  std::vector<std::uint64_t>& here = told_in_[events.sequence()];
  for (int i = 0; i < events.counters_size(); ++i) {
    const std::uint64_t counter = events.counters(i);
    const std::uint64_t key = client_.key(counter);
    switch (events.kinds(i)) {
      case v1::SESSION_EVENT_KIND_STARTED:
        continue;
      case v1::SESSION_EVENT_KIND_SUCCEEDED:
        facts.push_back(succeeded(key, events.payloads(i)));
        break;
      case v1::SESSION_EVENT_KIND_FAILED:
        facts.push_back(failed(key, events.payloads(i)));
        break;
      case v1::SESSION_EVENT_KIND_CANCELLED:
        facts.push_back(cancelled(key));
        break;
      default:
        facts.push_back(note(key, Entry::kUnknown));
        break;
    }
    due_.erase(counter);
    if (counter >= later_) note_untold_locked(facts);
    if (open_.erase(counter) > 0 && counter >= accepted_) facts.push_back(note(key, Entry::kAccepted));
    told_.insert(counter);
    here.push_back(counter);
  }
}

void SessionClient::note_untold_locked(std::vector<Fact>& facts) {
  for (const std::uint64_t counter : due_) facts.push_back(note(client_.key(counter), Entry::kUntold));
  due_.clear();
}

void SessionClient::judge_ending(const grpc::Status& status) {
  if (status.ok() || explained_by_crash(status) || status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) return;
  client_.run().trouble("Session: code " + std::to_string(status.error_code()) + ": " + status.error_message());
}

}  // namespace futured::crash
