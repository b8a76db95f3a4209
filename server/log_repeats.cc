#include "server/log_repeats.h"

#include <chrono>
#include <functional>
#include <utility>

namespace futured::server {
namespace {

constexpr std::chrono::seconds kSecond{1};
// Odd, with its bits spread: what came before moves with each step.
constexpr std::size_t kMix = 0x9e3779b97f4a7c15;

std::size_t hash_of(LogLevel level, std::string_view message, std::span<const LogField> fields) {
  auto hash = static_cast<std::size_t>(level);
  const auto add = [&](std::string_view text) { hash = hash * kMix + std::hash<std::string_view>()(text); };
  add(message);
  for (const LogField& field : fields) {
    add(field.key);
    add(field.value);
  }
  return hash;
}

}  // namespace

std::vector<LogRepeats::Repeated> LogRepeats::take_over(core::Time now) {
  std::vector<Repeated> over;
  for (; !ends_.empty() && ends_.front().at <= now; ends_.pop_front()) {
    const auto found = seconds_.find(ends_.front().line);
    if (found->second.held_back.times > 0) over.push_back(std::move(found->second.held_back));
    seconds_.erase(found);
  }
  return over;
}

bool LogRepeats::admits(LogLevel level, std::string_view message, std::span<const LogField> fields, core::Time now) {
  const std::size_t line = hash_of(level, message, fields);
  auto found = seconds_.find(line);
  if (found == seconds_.end()) {
    if (seconds_.size() >= kMostRemembered) return true;
    found = seconds_.try_emplace(line).first;
    ends_.push_back({now + kSecond, line});
  }
  Second& second = found->second;
  if (++second.seen <= per_second_) return true;
  if (second.held_back.times++ == 0) {
    second.held_back.level = level;
    second.held_back.message = message.substr(0, kMaxLogText);
    second.held_back.fields.assign(fields.begin(), fields.end());
  }
  return false;
}

}  // namespace futured::server
