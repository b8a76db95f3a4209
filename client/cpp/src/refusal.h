// Refusals as the daemon tells them, and when to come back after one.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>

#include "futured/errors.h"
#include "futured/v1/session.pb.h"

namespace grpc {
class Status;
}  // namespace grpc

namespace futured::detail {

// The details of a call that ended so. Bytes that are none count as none.
Refusal refusal_of(const grpc::Status& status);
// Of tasks on a Session.
Refusal refusal_of(const v1::SessionRefusal& refusal);

// When to try again after a refusal with that delay: then, or up to half as long later, lest all who were refused come
// at once. Deterministic for an engine in a known state.
template <class Engine>
std::chrono::milliseconds with_jitter(std::chrono::milliseconds delay, Engine& engine) {
  return delay + std::chrono::milliseconds(std::uniform_int_distribution<std::int64_t>(0, delay.count() / 2)(engine));
}

}  // namespace futured::detail
