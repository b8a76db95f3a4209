// Errors over HTTP: a JSON object of the shape of google.rpc.Status, under the status code that Google's API guide
// gives its code.
#pragma once

#include <string>

#include "server/core/reason.h"
#include "server/core/unary_caller.h"
#include "server/http/message.h"

namespace futured::http {

// The HTTP status of a canonical code, which is gRPC's.
unsigned status_of(int code);
// Of a request that never became a call: `status` is 400 or above.
Response error_response(unsigned status, std::string message);
// The same with a reason for programs, and its status.
Response error_response(core::Reason reason, std::string message);
// Of a call that could not be done, with its details, and when to try again.
Response error_response(const core::UnaryAnswer& answer);

}  // namespace futured::http
