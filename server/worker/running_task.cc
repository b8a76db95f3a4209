#include "server/worker/running_task.h"

namespace futured::worker {
namespace {

constexpr std::size_t kLongestText = std::size_t{8} << 10;

std::uint64_t word_at(const std::string& bytes, std::size_t place) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < 8 && place + i < bytes.size(); ++i) {
    word = word << 8 | static_cast<unsigned char>(bytes[place + i]);
  }
  return word;
}

v1::LogLevel to_proto(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return v1::LOG_LEVEL_DEBUG;
    case LogLevel::kInfo:
      return v1::LOG_LEVEL_INFO;
    case LogLevel::kWarning:
      return v1::LOG_LEVEL_WARNING;
    case LogLevel::kError:
      return v1::LOG_LEVEL_ERROR;
  }
  return v1::LOG_LEVEL_INFO;
}

}  // namespace

std::string RunningTask::id() const {
  return to_string(core::FutureId{word_at(call_.id(), 0), word_at(call_.id(), 8)});
}

void RunningTask::log(LogLevel level, std::string_view text) {
  v1::FromWorker message;
  v1::WorkerLog& log = *message.mutable_log();
  log.set_batch(batch_);
  log.set_index(index_);
  log.set_level(to_proto(level));
  log.set_text(std::string(text.substr(0, kLongestText)));
  conversation_.say(message);
}

void RunningTask::say(const core::Progress& progress) {
  // The initializer is no task.
  if (batch_ == 0) return;
  v1::FromWorker message;
  v1::Progress& said = *message.mutable_progress();
  said.set_batch(batch_);
  said.set_index(index_);
  said.set_fraction(progress.fraction);
  said.set_message(progress.message);
  conversation_.say(message);
}

}  // namespace futured::worker
