// One gRPC stream of a session.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "connector.h"
#include "futured/v1/future_service.grpc.pb.h"
#include "timer.h"

namespace futured::detail {

class Session;

// Turns gRPC's reactions into calls of the session. It has a connection of its own. The session keeps the flags below
// under its mutex, and makes the calls without holding it. Lives until gRPC is done with it, whoever else lets go.
class Stream final : public grpc::ClientBidiReactor<v1::SessionRequest, v1::SessionResponse>,
                     public std::enable_shared_from_this<Stream> {
 public:
  explicit Stream(std::shared_ptr<Session> session) : session_(std::move(session)) {}

  // Connects, and sends the first message. The session is told of everything from then on. Credentials that cannot be
  // read are like a daemon that cannot be reached: whoever replaces a file may not be done yet.
  void start(const Connector& connector, const v1::SessionRequest* first);
  // Sends one. It must stay until Session::on_written(). REQUIRES: no other write in flight.
  void write(const v1::SessionRequest* message) { StartWrite(message); }
  // Half-closes. REQUIRES: no write in flight, then none any more.
  void finish() { StartWritesDone(); }
  // Lets gRPC end the stream. REQUIRES: reading has ended, no write in flight, then none any more; once.
  void release() { RemoveHold(); }
  // Breaks the stream off. At any time.
  void cancel();
  // Once it has started: the credentials that it shows.
  const LoadedCredentials& credentials() const noexcept { return credentials_; }

  // Guarded by the session's mutex.
  bool writing = true;  // A write, the first message's at the start, is in flight.
  bool broken = false;  // Nothing more can be written.
  bool half_closed = false;
  bool read_ended = false;
  bool released = false;
  bool greeted = false;
  bool welcomed = false;

 private:
  struct Connection {
    std::shared_ptr<grpc::Channel> channel;
    std::unique_ptr<v1::FutureService::Stub> stub;
    grpc::ClientContext context;
  };

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnWritesDoneDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;
  void disconnect();

  void end(const grpc::Status& status);

  const std::shared_ptr<Session> session_;
  LoadedCredentials credentials_;
  v1::SessionResponse response_;
  std::shared_ptr<Stream> self_;  // From start() to disconnect().
  Timer farewell_;

  std::mutex mutex_;
  std::unique_ptr<Connection> connection_;  // Guarded by mutex_.
  bool cancelled_ = false;                  // Guarded by mutex_.
};

}  // namespace futured::detail
