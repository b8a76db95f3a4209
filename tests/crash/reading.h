// Reading outcomes by ID.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "futured/v1/future_service.grpc.pb.h"
#include "tests/crash/client.h"

namespace futured::crash {

inline constexpr std::size_t kReadAtOnce = 500;

// In their order, as many as one call reads; valid as long as these are.
std::vector<std::span<const std::uint64_t>> in_pieces(std::span<const std::uint64_t> counters);

// What the daemon tells of futures that have ended: an outcome, or that it does not know it, of each. Nothing if it
// does not answer until the run is over.
std::vector<Fact> read_outcomes(Client& client, v1::FutureService::Stub& stub, std::span<const std::uint64_t> counters);

}  // namespace futured::crash
