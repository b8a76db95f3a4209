// The daemon under test.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "futured/v1/executor_service.grpc.pb.h"
#include "futured/v1/future_service.grpc.pb.h"
#include "tests/support/daemon_process.h"

namespace futured::bench {

// A connection of its own.
std::shared_ptr<grpc::Channel> connect(const std::string& address);
// Throws std::runtime_error unless it is OK.
void check(const grpc::Status& status, const std::string& call);

class Daemon {
 public:
  // Starts one with the bench's plugin and further flags. Throws std::runtime_error.
  explicit Daemon(const std::vector<std::string>& flags = {});
  // One that runs already, with the bench's plugin.
  explicit Daemon(std::string address);

  const std::string& address() const { return address_; }
  // Nothing for one that runs already: it may be on another machine.
  std::optional<pid_t> pid() const;
  // Its first executor begins no task until resume().
  void pause();
  void resume();

 private:
  void connect_services();

  std::optional<testing::DaemonProcess> process_;
  std::string address_;
  std::unique_ptr<v1::ExecutorService::Stub> executors_;
  std::string executor_;
};

}  // namespace futured::bench
