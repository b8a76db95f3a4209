#include "tests/crash/reading.h"

#include <algorithm>
#include <set>

namespace futured::crash {

std::vector<std::span<const std::uint64_t>> in_pieces(std::span<const std::uint64_t> counters) {
  std::vector<std::span<const std::uint64_t>> pieces;
  for (; !counters.empty(); counters = counters.subspan(pieces.back().size())) {
    pieces.push_back(counters.first(std::min(kReadAtOnce, counters.size())));
  }
  return pieces;
}

std::vector<Fact> read_outcomes(Client& client, v1::FutureService::Stub& stub,
                                std::span<const std::uint64_t> counters) {
  v1::GetRequest request;
  request.set_outcomes(true);
  std::set<std::uint64_t> missing(counters.begin(), counters.end());
  for (const std::uint64_t counter : counters) request.add_ids(to_string(client.id(counter)));
  v1::GetResponse response;
  if (!client.call("Get", [&](auto& context) { return stub.Get(&context, request, &response); })) return {};
  std::vector<Fact> facts;
  for (const auto& future : response.futures()) {
    const std::uint64_t counter = core::parse_future_id(future.id())->counter();
    missing.erase(counter);
    facts.push_back(ended(client.key(counter), future.outcome()));
  }
  for (const std::uint64_t counter : missing) facts.push_back(note(client.key(counter), Entry::kUnknown));
  return facts;
}

}  // namespace futured::crash
