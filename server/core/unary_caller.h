// UnaryCaller, StreamCaller: how a part of the daemon that is not gRPC calls the daemon's own RPCs, so that whatever
// comes over another protocol is checked, limited and authorised as all other calls are.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace futured::core {

// One call, with one request. Bytes are serialized messages.
struct UnaryRequest {
  // "/futured.v1.FutureService/Submit"
  std::string method;
  std::string bytes;
  // Keys in lower case, values of printable ASCII: anything else would end the process.
  std::vector<std::pair<std::string, std::string>> metadata;
  std::chrono::nanoseconds timeout{0};
};

struct UnaryAnswer {
  // gRPC's status code; 0: it was done, and `bytes` is the response.
  int code = 0;
  std::string message = {};
  std::string bytes = {};
  // Serialized google.rpc.Status; empty: there is none.
  std::string details = {};
  // When to try again; 0: nothing was said of that.
  std::chrono::milliseconds retry_delay{0};
};

// A call under way.
class UnaryCall {
 public:
  virtual ~UnaryCall() = default;
  // Nobody waits for the answer any more. It is told nevertheless. From any thread; may be called when the call has
  // ended.
  virtual void cancel() = 0;
};

// May be used from any thread.
class UnaryCaller {
 public:
  using Done = std::function<void(UnaryAnswer)>;
  virtual ~UnaryCaller() = default;
  // Calls `done` once, on any thread, possibly before returning; it must not block.
  virtual std::shared_ptr<UnaryCall> start(UnaryRequest request, Done done) = 0;
};

// A call with an answer of many messages.
class StreamCall : public UnaryCall {
 public:
  // Asks for the next message. Once for each that was told; may be called when the call has ended.
  virtual void next() = 0;
};

// May be used from any thread.
class StreamCaller {
 public:
  using Message = std::function<void(std::string bytes)>;
  using Done = UnaryCaller::Done;
  virtual ~StreamCaller() = default;
  // Calls `message` for the first message, for each that next() asks for, and then `done` once, without bytes; one at a
  // time, on any thread, `done` possibly before returning. Neither may block.
  virtual std::shared_ptr<StreamCall> start_stream(UnaryRequest request, Message message, Done done) = 0;
};

}  // namespace futured::core
