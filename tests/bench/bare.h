// Rounds of bare gRPC, for the scenarios that measure it and for those that are compared with it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tests/bench/echo_server.h"
#include "tests/bench/samples.h"

namespace futured::bench {

// Microseconds of `calls` blocking echoes, one after another.
class BareUnary {
 public:
  explicit BareUnary(const EchoProcess& server);
  ~BareUnary();
  Samples round(int calls);

 private:
  struct Connection;
  std::unique_ptr<Connection> connection_;
};

// Calls a second, with 64 echoes in flight, for so long.
double bare_unary_64_round(const EchoProcess& server, Seconds time);

// Echoes of a stream.
struct StreamFigures {
  double items_per_s;
  // Of client and server together, for one item.
  double cpu_us;
};

// Sends messages of so many items for so long, and receives all of them again.
StreamFigures bare_stream_round(const EchoProcess& server, int items_per_message, Seconds time);

}  // namespace futured::bench
