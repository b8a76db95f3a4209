#include "stream.h"

#include <stdexcept>
#include <utility>

#include "session.h"

namespace futured::detail {

void Stream::start(const Connector& connector, const v1::SessionRequest* first) {
  self_ = shared_from_this();
  try {
    credentials_ = connector.load();
  } catch (const std::invalid_argument& error) {
    end({grpc::StatusCode::UNAVAILABLE, error.what()});
    return;
  }
  auto connection = std::make_unique<Connection>();
  connection->channel = connector.open(credentials_);
  authorize(connection->context, credentials_);
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

void Stream::OnDone(const grpc::Status& status) { end(status); }

void Stream::end(const grpc::Status& status) {
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
