// Submits tasks to the daemon at the address given and reads their outcomes, for ever: to be killed in mid-stream.
#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <thread>

#include "futured/v1/future_service.grpc.pb.h"

int main(int, char** arguments) {
  namespace v1 = futured::v1;
  constexpr int kTasksAtOnce = 100;
  const auto stub = v1::FutureService::NewStub(grpc::CreateChannel(arguments[1], grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  const auto stream = stub->Session(&context);
  std::thread reader([&] {
    v1::SessionResponse response;
    while (stream->Read(&response)) continue;
  });
  v1::SessionRequest request;
  request.mutable_hello()->set_session("0192e4a0-1111-8222-9333-000000000000");
  v1::Arguments one;
  one.add_positional()->set_int_value(1);
  for (std::uint64_t next = 1; stream->Write(request); next += kTasksAtOnce) {
    request.Clear();
    v1::SessionSubmit& run = *request.add_submits();
    run.set_first(next);
    run.set_function("increment");
    for (int i = 0; i < kTasksAtOnce; ++i) run.add_arguments(one.SerializeAsString());
  }
  reader.join();
  return 0;
}
