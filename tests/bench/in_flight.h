// Unary calls of which a number is always in flight.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <latch>
#include <optional>
#include <stdexcept>
#include <vector>

#include "tests/bench/samples.h"

namespace futured::bench {

// Starts a call: for example stub->async()->Echo(context, &request, response, std::move(done)).
template <class Response>
using StartUnary = std::function<void(grpc::ClientContext*, Response*, std::function<void(grpc::Status)>)>;

// Keeps `width` calls in flight for so long, and returns how many a second were answered. A call that fails, or whose
// response is no `good` one, ends its place in the flight; then throws std::runtime_error.
template <class Response>
double in_flight_round(std::ptrdiff_t width, Seconds time, const StartUnary<Response>& start,
                       const std::function<bool(const Response&)>& good) {
  struct Place {
    std::optional<grpc::ClientContext> context;
    Response response;
    std::uint64_t answered = 0;
    bool failed = false;
    std::function<void()> call;
  };
  std::vector<Place> places(static_cast<std::size_t>(width));
  std::latch ended(width);
  const auto begin = Clock::now();
  for (Place& place : places) {
    place.call = [&] {
      place.context.emplace();
      place.response.Clear();
      start(&*place.context, &place.response, [&](const grpc::Status& status) {
        place.failed = !status.ok() || !good(place.response);
        ++place.answered;
        if (place.failed || since(begin) > time) {
          ended.count_down();
        } else {
          place.call();
        }
      });
    };
  }
  for (Place& place : places) place.call();
  ended.wait();
  const Seconds elapsed = since(begin);
  std::uint64_t answered = 0;
  for (const Place& place : places) {
    if (place.failed) throw std::runtime_error("a call failed");
    answered += place.answered;
  }
  return static_cast<double>(answered) / elapsed.count();
}

}  // namespace futured::bench
