#include "tests/bench/daemon.h"

#include <stdexcept>
#include <utility>

namespace futured::bench {
namespace {

std::vector<std::string> with_plugin(const std::vector<std::string>& flags) {
  std::vector<std::string> all{"--plugins=" BENCH_PLUGIN, "--log-level=warning"};
  all.insert(all.end(), flags.begin(), flags.end());
  return all;
}

}  // namespace

std::shared_ptr<grpc::Channel> connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

void check(const grpc::Status& status, const std::string& call) {
  if (!status.ok()) throw std::runtime_error(call + ": " + status.error_message());
}

Daemon::Daemon(const std::vector<std::string>& flags) : process_(std::in_place, with_plugin(flags)) {
  address_ = process_->address();
  if (address_.empty()) throw std::runtime_error("the daemon did not start: " + process_->output());
  connect_services();
}

Daemon::Daemon(std::string address) : address_(std::move(address)) { connect_services(); }

void Daemon::connect_services() {
  executors_ = v1::ExecutorService::NewStub(connect(address_));
  grpc::ClientContext context;
  v1::ExecutorServiceListResponse response;
  check(executors_->List(&context, {}, &response), "ExecutorService.List");
  executor_ = response.executors(0).name();
}

std::optional<pid_t> Daemon::pid() const {
  if (!process_) return std::nullopt;
  return process_->pid();
}

void Daemon::pause() {
  grpc::ClientContext context;
  v1::PauseRequest request;
  request.set_name(executor_);
  v1::PauseResponse response;
  check(executors_->Pause(&context, request, &response), "Pause");
}

void Daemon::resume() {
  grpc::ClientContext context;
  v1::ResumeRequest request;
  request.set_name(executor_);
  v1::ResumeResponse response;
  check(executors_->Resume(&context, request, &response), "Resume");
}

}  // namespace futured::bench
