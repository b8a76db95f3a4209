#include "server/rpc/call_trace.h"

#include <string>
#include <string_view>

#include "server/rpc/task_options.h"

namespace futured::rpc {

core::SharedTrace trace_of(const grpc::ServerContextBase& context) {
  const auto& metadata = context.client_metadata();
  const auto parent = metadata.find("traceparent");
  if (parent == metadata.end() || metadata.count("traceparent") > 1) return {};
  std::string state;
  const auto [first, last] = metadata.equal_range("tracestate");
  for (auto entry = first; entry != last; ++entry) {
    if (!state.empty()) state += ',';
    state.append(entry->second.data(), entry->second.size());
  }
  return trace_of(std::string_view(parent->second.data(), parent->second.size()), state);
}

}  // namespace futured::rpc
