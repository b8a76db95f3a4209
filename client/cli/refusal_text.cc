#include "client/cli/refusal_text.h"

#include "client/cli/duration.h"

namespace futured::cli {

std::string with_reason(const std::string& message, const Refusal& refusal) {
  if (refusal.reason.empty()) return message;
  std::string text = message + " (" + refusal.reason;
  if (refusal.retry_delay.count() > 0) text += "; try again in " + show_duration(refusal.retry_delay);
  return text + ")";
}

}  // namespace futured::cli
