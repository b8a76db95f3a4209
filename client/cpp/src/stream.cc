#include "stream.h"

#include "session.h"

namespace futured::detail {
namespace {

// gRPC's own waiting between connection attempts must never add to ours.
grpc::ChannelArguments channel_arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5'000);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetCompressionAlgorithm(GRPC_COMPRESS_NONE);
  return arguments;
}

}  // namespace

void Stream::start(const std::string& address, const v1::SessionRequest* first) {
  self_ = shared_from_this();
  channel_ = grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), channel_arguments());
  stub_ = v1::FutureService::NewStub(channel_);
  stub_->async()->Session(&context_, this);
  AddHold();
  StartWrite(first);
  StartRead(&response_);
  StartCall();
}

void Stream::OnReadDone(bool ok) {
  if (!ok) {
    session_->on_read_ended(*this);
    return;
  }
  session_->on_response(*this, response_);
  StartRead(&response_);
}

void Stream::OnWriteDone(bool ok) { session_->on_written(*this, ok); }

void Stream::OnWritesDoneDone(bool ok) { session_->on_written(*this, ok); }

void Stream::OnDone(const grpc::Status& status) {
  const auto self = std::move(self_);
  session_->on_stream_done(*this, status);
}

}  // namespace futured::detail
