// A call of any method by its name, with and without credentials.
#pragma once

#include <grpcpp/grpcpp.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace futured::testing {

struct RawReply {
  grpc::Status status;
  // Serialized.
  std::vector<std::string> messages;
};

using Metadata = std::multimap<std::string, std::string>;

// Sends one serialized request, says that there are no more, and takes what comes until the end, within kPatience.
// `method` is like "/futured.v1.FutureService/Get".
RawReply raw_call(const std::shared_ptr<grpc::Channel>& channel, const std::string& method, const std::string& request,
                  const Metadata& metadata = {});

// The metadata with a bearer token.
inline Metadata bearer(const std::string& token) { return {{"authorization", "Bearer " + token}}; }

}  // namespace futured::testing
