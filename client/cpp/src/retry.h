// Retry: whether, and when, a call is made again that found the daemon out of reach, or on its way out: another one may
// take its place.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <random>

namespace grpc {
class Status;
}  // namespace grpc

namespace futured::detail {

// For one thread. Each new try is on a new connection, as gRPC's own waiting between two attempts to connect would add
// to this one.
class Retry {
 public:
  using Duration = std::chrono::steady_clock::duration;
  // How long a daemon may be out of reach that was never heard of, and one that was.
  struct Limits {
    Duration unheard;
    Duration heard;
  };
  explicit Retry(const Limits& limits) : limits_(limits), jitter_(std::random_device{}()) {}
  explicit Retry(Duration limit) : Retry(Limits{limit, limit}) {}

  // It has answered: the next failure is the first again.
  void heard();
  // The time until the next try after a call that ended so: longer each time, at random, and not shorter than the
  // daemon asks for. Nothing: trying again is of no use, or has taken too long.
  std::optional<Duration> after(const grpc::Status& status);
  // How long the daemon may be out of reach, as far as is known.
  Duration limit() const { return heard_ ? limits_.heard : limits_.unheard; }

  // Makes a call, again and again if need be; how the last one ended. Sleeps.
  grpc::Status run(const std::function<grpc::Status()>& call);

 private:
  Duration backoff();

  const Limits limits_;
  std::minstd_rand jitter_;
  bool heard_ = false;
  int failures_ = 0;
  std::optional<std::chrono::steady_clock::time_point> since_;
};

}  // namespace futured::detail
