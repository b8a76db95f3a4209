#include "stream.h"

#include <utility>

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
  auto connection = std::make_unique<Connection>();
  connection->channel = grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), channel_arguments());
  connection->stub = v1::FutureService::NewStub(connection->channel);
  connection->stub->async()->Session(&connection->context, this);
  AddHold();
  StartWrite(first);
  StartRead(&response_);
  {
    const std::lock_guard lock(mutex_);
    connection_ = std::move(connection);
    if (cancelled_) connection_->context.TryCancel();
  }
  StartCall();
}

void Stream::cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  if (connection_) connection_->context.TryCancel();
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
  const auto self = shared_from_this();
  session_->on_stream_done(*this, status);
  // gRPC joins its callback threads, of which this is one, in the destructor of the last channel. A timer's thread is
  // none of them.
  farewell_.arm({}, [this] { disconnect(); });
}

void Stream::disconnect() {
  const auto self = std::move(self_);
  std::unique_ptr<Connection> connection;
  {
    const std::lock_guard lock(mutex_);
    connection = std::move(connection_);
  }
  connection.reset();
  session_->on_disconnected();
}

}  // namespace futured::detail
