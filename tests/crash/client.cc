#include "tests/crash/client.h"

#include <thread>
#include <utility>

#include "futured/codec.h"

namespace futured::crash {
namespace {

constexpr auto kCallTime = std::chrono::seconds(20);

std::shared_ptr<grpc::Channel> connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 5);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 20);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

Fact outcome(std::uint64_t key, Result result, const std::string& payload) {
  return {key, now_ns(), Entry::kOutcome, result, std::hash<std::string>()(payload)};
}

Result kind_of_failure(std::uint64_t key, const v1::Error& error) {
  switch (error.origin()) {
    case v1::ERROR_ORIGIN_TASK: {
      const bool is_own = error.message().find("task " + std::to_string(key) + " fails") != std::string::npos;
      return is_own ? Result::kOwnError : Result::kWrong;
    }
    case v1::ERROR_ORIGIN_DAEMON:
      return error.type() == "DaemonRestarted" ? Result::kDaemonRestarted : Result::kWrong;
    case v1::ERROR_ORIGIN_TIMEOUT:
      return Result::kExpired;
    default:
      return Result::kWrong;
  }
}

}  // namespace

void Run::trouble(std::string what) {
  const std::lock_guard lock(mu_);
  troubles_.push_back(std::move(what));
}

std::vector<std::string> Run::troubles() const {
  const std::lock_guard lock(mu_);
  return troubles_;
}

void Run::wind_up(Clock::time_point deadline) {
  deadline_ = deadline;
  winds_up_ = true;
}

Client::Client(Run& run, std::uint32_t session) : run_(run), session_(session), channel_(connect(run.address)) {}

bool Client::call(const std::string& name, const std::function<grpc::Status(grpc::ClientContext&)>& call) {
  while (!run_.is_over()) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kCallTime);
    const grpc::Status status = call(context);
    if (status.ok()) return true;
    if (!explained_by_crash(status)) {
      run_.trouble(name + ": code " + std::to_string(status.error_code()) + ": " + status.error_message());
      return false;
    }
    wait_for_daemon();
  }
  run_.trouble(name + ": no answer until the end");
  return false;
}

bool Client::try_once(const std::function<grpc::Status(grpc::ClientContext&)>& call) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kCallTime);
  return call(context).ok();
}

void Client::wait_for_daemon() {
  channel_->WaitForConnected(std::chrono::system_clock::now() + std::chrono::milliseconds(20));
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

bool explained_by_crash(const grpc::Status& status) {
  // gRPC cancels calls that come while its server ends, before the client knows.
  return status.error_code() == grpc::StatusCode::UNAVAILABLE || status.error_code() == grpc::StatusCode::CANCELLED ||
         status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED;
}

std::string arguments_of(std::uint64_t key) { return encode_arguments(key, microseconds_of(key), padding_of(key)); }

Fact succeeded(std::uint64_t key, const std::string& value) {
  const bool right = value == encode_value(value_of(key));
  return outcome(key, right ? Result::kRightValue : Result::kWrong, value);
}

Fact failed(std::uint64_t key, const std::string& payload) {
  v1::Error error;
  if (!error.ParseFromString(payload)) return outcome(key, Result::kWrong, payload);
  Fact fact = outcome(key, kind_of_failure(key, error), payload);
  fact.attempt = error.attempt();
  return fact;
}

Fact cancelled(std::uint64_t key) { return outcome(key, Result::kCancelled, "cancelled"); }

Fact ended(std::uint64_t key, const v1::Outcome& told) {
  switch (told.result_case()) {
    case v1::Outcome::kValue:
      return succeeded(key, told.value().SerializeAsString());
    case v1::Outcome::kError:
      return failed(key, told.error().SerializeAsString());
    case v1::Outcome::kCancelled:
      return cancelled(key);
    default:
      return outcome(key, Result::kWrong, "nothing");
  }
}

Fact note(std::uint64_t key, Entry entry) { return {key, now_ns(), entry}; }

}  // namespace futured::crash
