#include "tests/support/raw_call.h"

#include <grpcpp/generic/generic_stub.h>

#include <chrono>

#include "tests/support/eventually.h"

namespace futured::testing {
namespace {

std::string bytes_of(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

}  // namespace

RawReply raw_call(const std::shared_ptr<grpc::Channel>& channel, const std::string& method, const std::string& request,
                  const Metadata& metadata) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  context.set_wait_for_ready(true);
  for (const auto& [key, value] : metadata) context.AddMetadata(key, value);
  grpc::CompletionQueue queue;
  const auto done = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  const auto stream = grpc::GenericStub(channel).PrepareCall(&context, method, &queue);
  stream->StartCall(nullptr);
  done();
  const grpc::Slice slice(request);
  stream->WriteLast(grpc::ByteBuffer(&slice, 1), grpc::WriteOptions(), nullptr);
  done();
  RawReply reply;
  grpc::ByteBuffer message;
  for (stream->Read(&message, nullptr); done(); stream->Read(&message, nullptr)) {
    reply.messages.push_back(bytes_of(message));
  }
  stream->Finish(&reply.status, nullptr);
  done();
  queue.Shutdown();
  while (done()) {
  }
  return reply;
}

}  // namespace futured::testing
