#include "tests/bench/echo_server.h"

#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <iostream>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <vector>

#include "echo.grpc.pb.h"

namespace futured::bench {
namespace {

// Reads a message, writes it, reads the next. Deletes itself.
class EchoStream final : public grpc::ServerBidiReactor<StreamRequest, StreamResponse> {
 public:
  EchoStream() { StartRead(&request_); }

  void OnReadDone(bool ok) override {
    if (!ok) {
      Finish(grpc::Status::OK);
      return;
    }
    response_.mutable_items()->Swap(request_.mutable_items());
    StartWrite(&response_);
  }
  void OnWriteDone(bool ok) override {
    if (ok) {
      StartRead(&request_);
    } else {
      Finish(grpc::Status::CANCELLED);
    }
  }
  void OnDone() override { delete this; }

 private:
  StreamRequest request_;
  StreamResponse response_;
};

class EchoServiceImpl final : public EchoService::CallbackService {
 public:
  grpc::ServerUnaryReactor* Echo(grpc::CallbackServerContext* context, const EchoRequest* request,
                                 EchoResponse* response) override {
    response->set_item(request->item());
    return finished(*context);
  }

  grpc::ServerBidiReactor<StreamRequest, StreamResponse>* Stream(grpc::CallbackServerContext* /*context*/) override {
    return new EchoStream;
  }

  grpc::ServerUnaryReactor* Hold(grpc::CallbackServerContext* context, const HoldRequest* /*request*/,
                                 HoldResponse* /*response*/) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    const std::lock_guard lock(mutex_);
    held_.push_back(reactor);
    return reactor;
  }

  grpc::ServerUnaryReactor* Release(grpc::CallbackServerContext* context, const ReleaseRequest* /*request*/,
                                    ReleaseResponse* /*response*/) override {
    std::vector<grpc::ServerUnaryReactor*> held;
    {
      const std::lock_guard lock(mutex_);
      held.swap(held_);
    }
    for (grpc::ServerUnaryReactor* reactor : held) reactor->Finish(grpc::Status::OK);
    return finished(*context);
  }

 private:
  static grpc::ServerUnaryReactor* finished(grpc::CallbackServerContext& context) {
    grpc::ServerUnaryReactor* reactor = context.DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  std::mutex mutex_;
  std::vector<grpc::ServerUnaryReactor*> held_;
};

}  // namespace

void serve_echo() {
  EchoServiceImpl service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) throw std::runtime_error("the echo server cannot listen on the loopback interface");
  std::cout << "127.0.0.1:" << port << std::endl;
  char byte = 0;
  while (read(STDIN_FILENO, &byte, 1) > 0) {
  }
  // Calls may still be held, for which Shutdown would wait.
  std::_Exit(0);
}

EchoProcess::EchoProcess() : child_("/proc/self/exe", {kFlag}), address_(child_.read_line()) {
  if (address_.empty()) throw std::runtime_error("the echo server did not start");
}

}  // namespace futured::bench
