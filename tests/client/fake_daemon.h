// A daemon that says what a test tells it to say.
#pragma once

#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "futured/futured.h"
#include "futured/v1/future_service.grpc.pb.h"

namespace futured::testing {

// The daemon's side of one stream, used by its script. All calls block.
class Conversation {
 public:
  using Stream = grpc::ServerReaderWriter<v1::SessionResponse, v1::SessionRequest>;

  Conversation(Stream& stream, std::string shown) : authorization(std::move(shown)), stream_(stream) {}

  // The metadata of that name, which shows who calls. Empty: there is none.
  const std::string authorization;

  // The next request. One without content when the client has half-closed, or is gone.
  v1::SessionRequest read();
  // Reads until this many calls were submitted on this stream, and returns their counters.
  std::vector<std::uint64_t> read_submits(std::size_t count);
  // Reads until the client half-closes or is gone.
  void read_to_end();
  void send(const v1::SessionResponse& response);

  void welcome(const std::string& epoch = "first");
  void accept(std::uint64_t through);
  // code: RESOURCE_EXHAUSTED with the delay, or INVALID_ARGUMENT without.
  void refuse(std::uint64_t first, std::uint64_t count, std::int64_t delay_ms);
  void succeed(const std::vector<std::uint64_t>& counters);
  void tell(std::uint64_t counter, v1::SessionEventKind kind, const std::string& payload);

  const v1::SessionRequest& last() const { return last_; }
  bool ended() const { return ended_; }
  // Of all requests so far.
  std::vector<std::uint64_t> watched;
  std::uint64_t acknowledged = 0;
  std::vector<v1::SessionCancel> cancels;
  std::vector<v1::SessionAttach> attaches;
  std::vector<std::uint64_t> observed;

 private:
  Stream& stream_;
  v1::SessionRequest last_;
  std::vector<std::uint64_t> submits_;
  std::uint64_t sequence_ = 0;
  bool ended_ = false;
};

// Serves the streams one after another, each by the next script. Streams after the last script are refused as
// UNAVAILABLE.
class FakeDaemon {
 public:
  using Script = std::function<grpc::Status(Conversation&)>;

  using Credentials = std::shared_ptr<grpc::ServerCredentials>;

  // Port 0: a free one.
  explicit FakeDaemon(std::vector<Script> scripts, int port = 0,
                      const Credentials& credentials = grpc::InsecureServerCredentials());
  // At another address than a port of 127.0.0.1: "unix:/path".
  FakeDaemon(std::vector<Script> scripts, const std::string& address);
  ~FakeDaemon();

  const std::string& address() const { return address_; }
  int port() const { return port_; }
  // Waits until so many scripts have ended.
  bool wait_for_end(int count);
  int streams();

 private:
  class Service;

  void start(const Credentials& credentials);

  std::unique_ptr<Service> service_;
  std::string address_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

// A script that accepts and executes everything, until the client half-closes.
grpc::Status serve_well(Conversation& conversation);
// The same once it has welcomed the client.
grpc::Status serve_on(Conversation& conversation);

// What a script returns that breaks its stream.
inline grpc::Status broken() { return {grpc::StatusCode::UNAVAILABLE, "broken by the test"}; }

// A call that returns its counter, as Conversation::succeed tells it.
Future<std::uint64_t> submit(Executor& executor);

using Numbers = std::vector<std::uint64_t>;
// Both ends are in it.
Numbers range(std::uint64_t first, std::uint64_t last);

}  // namespace futured::testing
