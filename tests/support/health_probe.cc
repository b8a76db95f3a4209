#include "tests/support/health_probe.h"

#include <grpcpp/generic/generic_stub.h>

#include <chrono>
#include <string_view>
#include <vector>

namespace futured::testing {
namespace {

// HealthCheckRequest {service = 1}
grpc::ByteBuffer request_for(const std::string& service) {
  std::string bytes;
  if (!service.empty()) bytes.append("\x0a").append(1, static_cast<char>(service.size())).append(service);
  const grpc::Slice slice(bytes);
  return {&slice, 1};
}

// HealthCheckResponse {status = 1}
Health status_in(const grpc::ByteBuffer& response) {
  grpc::Slice slice;
  if (!response.TrySingleSlice(&slice).ok()) return Health::kUnreachable;
  const std::string_view bytes(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes == std::string_view("\x08\x01", 2) ? Health::kServing : Health::kNotServing;
}

}  // namespace

Health health_of(const std::shared_ptr<grpc::Channel>& channel, const std::string& service) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
  grpc::CompletionQueue queue;
  grpc::GenericStub stub(channel);
  const auto call = stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check", request_for(service), &queue);
  grpc::ByteBuffer response;
  grpc::Status status;
  call->StartCall();
  call->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  if (status.ok()) return status_in(response);
  return status.error_code() == grpc::StatusCode::NOT_FOUND ? Health::kUnknown : Health::kUnreachable;
}

}  // namespace futured::testing
