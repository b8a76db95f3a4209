#include "server/core/task_log.h"

#include <algorithm>

#include "server/core/ids.h"

namespace futured::core {

std::span<const LogLine> TaskLog::after(const LogPosition& position) const {
  const auto kept = lines();
  if (position.series != end_.series) return kept;
  const auto first = std::ranges::upper_bound(kept, position.number, {}, &LogLine::number);
  return kept.subspan(static_cast<std::size_t>(first - kept.begin()));
}

TaskLogs::TaskLogs(const Limits& limits) : limits_(limits), series_(random_session_id().high) {}

const TaskLog* TaskLogs::find(std::uint32_t slot) const {
  const auto found = logs_.find(slot);
  return found == logs_.end() ? nullptr : &found->second;
}

TaskLog& TaskLogs::log_of(std::uint32_t slot) {
  const auto [log, is_new] = logs_.try_emplace(slot, series_);
  if (is_new) memory_ += kCostOfLog;
  return log->second;
}

void TaskLogs::append(std::uint32_t slot, std::uint32_t attempt, std::span<const NewLogLine> lines,
                      std::uint64_t dropped, WallTime now) {
  TaskLog& log = log_of(slot);
  forget_age(slot, log);
  log.end_.number += dropped;
  for (const NewLogLine& line : lines) add(log, {++log.end_.number, attempt, line.kind, now, line.text});
  while (log.lines().size() > limits_.max_log_lines || log.bytes_ > limits_.max_log_bytes) drop_oldest(log);
  note_age(slot, log);
  trim();
}

std::shared_ptr<const StoredLog> TaskLogs::stored(std::uint32_t slot) const {
  const TaskLog* const log = find(slot);
  if (log == nullptr) return nullptr;
  const auto lines = log->lines();
  return std::make_shared<const StoredLog>(StoredLog{log->end(), {lines.begin(), lines.end()}});
}

void TaskLogs::restore(std::uint32_t slot, const StoredLog& stored) {
  TaskLog& log = log_of(slot);
  log.end_ = stored.end;
  for (const LogLine& line : stored.lines) add(log, line);
  note_age(slot, log);
  trim();
}

void TaskLogs::erase(std::uint32_t slot) {
  const auto found = logs_.find(slot);
  if (found == logs_.end()) return;
  forget_age(slot, found->second);
  for (const LogLine& line : found->second.lines()) memory_ -= cost_of(line);
  memory_ -= kCostOfLog;
  logs_.erase(found);
}

void TaskLogs::add(TaskLog& log, LogLine line) {
  memory_ += cost_of(line);
  log.bytes_ += line.text.size();
  log.lines_.push_back(std::move(line));
}

void TaskLogs::drop_oldest(TaskLog& log) {
  LogLine& line = log.lines_[log.gone_++];
  memory_ -= cost_of(line);
  log.bytes_ -= line.text.size();
  line.text = Bytes();
  // Now and then, as it moves all others.
  if (log.gone_ <= log.lines_.size() / 2) return;
  log.lines_.erase(log.lines_.begin(), log.lines_.begin() + static_cast<std::ptrdiff_t>(log.gone_));
  log.gone_ = 0;
  if (log.lines_.empty()) log.lines_.shrink_to_fit();
}

void TaskLogs::trim() {
  while (memory_ > limits_.max_log_memory && !by_age_.empty()) {
    const std::uint32_t slot = by_age_.begin()->second;
    TaskLog& log = logs_.at(slot);
    forget_age(slot, log);
    drop_oldest(log);
    note_age(slot, log);
  }
}

void TaskLogs::forget_age(std::uint32_t slot, const TaskLog& log) {
  if (!log.lines().empty()) by_age_.erase({log.lines().front().time, slot});
}

void TaskLogs::note_age(std::uint32_t slot, const TaskLog& log) {
  if (!log.lines().empty()) by_age_.emplace(log.lines().front().time, slot);
}

}  // namespace futured::core
