#include "tests/client/fake_daemon.h"

#include <chrono>
#include <numeric>
#include <utility>

#include "futured/codec.h"

namespace futured::testing {
namespace {

constexpr auto kLongest = std::chrono::seconds(20);

std::string authorization_of(const grpc::ServerContext& context) {
  const auto found = context.client_metadata().find("authorization");
  return found == context.client_metadata().end() ? "" : std::string(found->second.data(), found->second.size());
}

}  // namespace

v1::SessionRequest Conversation::read() {
  last_.Clear();
  ended_ = ended_ || !stream_.Read(&last_);
  watched.insert(watched.end(), last_.watched().begin(), last_.watched().end());
  cancels.insert(cancels.end(), last_.cancels().begin(), last_.cancels().end());
  attaches.insert(attaches.end(), last_.attaches().begin(), last_.attaches().end());
  observed.insert(observed.end(), last_.observed().begin(), last_.observed().end());
  acknowledged = std::max<std::uint64_t>(acknowledged, last_.acknowledged());
  for (const auto& run : last_.submits()) {
    for (int i = 0; i < run.arguments_size(); ++i) submits_.push_back(run.first() + static_cast<std::uint64_t>(i));
  }
  return last_;
}

std::vector<std::uint64_t> Conversation::read_submits(std::size_t count) {
  while (submits_.size() < count && !ended_) read();
  return std::exchange(submits_, {});
}

void Conversation::read_to_end() {
  while (!ended_) read();
}

void Conversation::send(const v1::SessionResponse& response) { stream_.Write(response); }

void Conversation::welcome(const std::string& epoch) {
  v1::SessionResponse response;
  response.mutable_welcome()->set_epoch(epoch);
  response.mutable_welcome()->set_max_arguments_size(4 << 20);
  send(response);
}

void Conversation::accept(std::uint64_t through) {
  v1::SessionResponse response;
  response.set_accepted(through + 1);
  send(response);
}

void Conversation::refuse(std::uint64_t first, std::uint64_t count, std::int64_t delay_ms) {
  v1::SessionResponse response;
  response.set_accepted(first + count);
  auto& refusal = *response.add_refusals();
  refusal.set_first(first);
  refusal.set_count(count);
  refusal.set_message("refused by the test");
  refusal.set_code(delay_ms > 0 ? grpc::StatusCode::RESOURCE_EXHAUSTED : grpc::StatusCode::INVALID_ARGUMENT);
  if (delay_ms > 0) refusal.mutable_retry_delay()->set_nanos(static_cast<std::int32_t>(delay_ms * 1'000'000));
  send(response);
}

void Conversation::succeed(const std::vector<std::uint64_t>& counters) {
  v1::SessionResponse response;
  auto& events = *response.add_events();
  events.set_sequence(++sequence_);
  for (const std::uint64_t counter : counters) {
    events.add_counters(counter);
    events.add_kinds(v1::SESSION_EVENT_KIND_SUCCEEDED);
    events.add_payloads(encode_value(counter));
  }
  send(response);
}

void Conversation::tell(std::uint64_t counter, v1::SessionEventKind kind, const std::string& payload) {
  v1::SessionResponse response;
  auto& events = *response.add_events();
  events.set_sequence(++sequence_);
  events.add_counters(counter);
  events.add_kinds(kind);
  events.add_payloads(payload);
  send(response);
}

grpc::Status serve_well(Conversation& conversation) {
  conversation.welcome();
  return serve_on(conversation);
}

grpc::Status serve_on(Conversation& conversation) {
  while (!conversation.ended()) {
    const auto counters = conversation.read_submits(1);
    if (counters.empty()) continue;
    conversation.accept(counters.back());
    conversation.succeed(counters);
  }
  return grpc::Status::OK;
}

class FakeDaemon::Service final : public v1::FutureService::Service {
 public:
  explicit Service(std::vector<Script> scripts)
      : scripts_(std::make_move_iterator(scripts.begin()), std::make_move_iterator(scripts.end())) {}

  grpc::Status Session(grpc::ServerContext* context, Conversation::Stream* stream) override {
    Script script;
    {
      const std::lock_guard lock(mutex_);
      ++streams_;
      if (scripts_.empty()) return {grpc::StatusCode::UNAVAILABLE, "no script is left"};
      script = std::move(scripts_.front());
      scripts_.pop_front();
    }
    Conversation conversation(*stream, authorization_of(*context));
    grpc::Status status = script(conversation);
    const std::lock_guard lock(mutex_);
    ++ended_;
    changed_.notify_all();
    return status;
  }

  bool wait_for_end(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kLongest, [&] { return ended_ >= count; });
  }
  int streams() {
    const std::lock_guard lock(mutex_);
    return streams_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Script> scripts_;
  int streams_ = 0;
  int ended_ = 0;
};

FakeDaemon::FakeDaemon(std::vector<Script> scripts, int port, const Credentials& credentials)
    : service_(std::make_unique<Service>(std::move(scripts))), address_("127.0.0.1:" + std::to_string(port)) {
  start(credentials);
  address_ = "127.0.0.1:" + std::to_string(port_);
}

FakeDaemon::FakeDaemon(std::vector<Script> scripts, const std::string& address)
    : service_(std::make_unique<Service>(std::move(scripts))), address_(address) {
  start(grpc::InsecureServerCredentials());
}

void FakeDaemon::start(const Credentials& credentials) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address_, credentials, &port_);
  builder.SetMaxReceiveMessageSize(8 << 20);
  builder.RegisterService(service_.get());
  server_ = builder.BuildAndStart();
}

FakeDaemon::~FakeDaemon() { server_->Shutdown(std::chrono::system_clock::now()); }

bool FakeDaemon::wait_for_end(int count) { return service_->wait_for_end(count); }
int FakeDaemon::streams() { return service_->streams(); }

Future<std::uint64_t> submit(Executor& executor) { return executor.submit<std::uint64_t>("any"); }

Numbers range(std::uint64_t first, std::uint64_t last) {
  Numbers numbers(last - first + 1);
  std::iota(numbers.begin(), numbers.end(), first);
  return numbers;
}

}  // namespace futured::testing
