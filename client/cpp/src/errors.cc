#include "futured/errors.h"

#include <utility>

namespace futured {
namespace {

std::string headline(const TaskError::Details& details) {
  if (details.type.empty()) return details.message;
  return details.message.empty() ? details.type : details.type + ": " + details.message;
}

}  // namespace

CallError::CallError(const std::string& message, Refusal refusal)
    : Error(message), refusal_(std::make_shared<const Refusal>(std::move(refusal))) {}

TaskError::TaskError(Details details)
    : Error(headline(details)), details_(std::make_shared<const Details>(std::move(details))) {}

std::string TaskError::report() const {
  std::string text;
  for (const TaskError* error = this; error != nullptr; error = error->cause()) {
    if (error != this) text += "\ncaused by ";
    text += error->what();
    if (!error->traceback().empty()) text += '\n' + error->traceback();
  }
  return text;
}

}  // namespace futured
