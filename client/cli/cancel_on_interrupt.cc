#include "client/cli/cancel_on_interrupt.h"

#include "client/cli/connection.h"
#include "client/cli/failure.h"

namespace futured::cli {

void cancel_on_interrupt(const Globals& globals, const v1::CancelRequest& request) {
  Globals hurried = globals;
  hurried.timeout = std::chrono::seconds(2);
  try {
    Connection connection(hurried);
    connection.call(&v1::FutureService::Stub::Cancel, request);
  } catch (const Failure&) {
    // The program ends with the signal's exit code all the same.
  }
}

}  // namespace futured::cli
