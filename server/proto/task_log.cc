#include "server/proto/task_log.h"

#include <charconv>
#include <chrono>
#include <cstdint>
#include <utility>

namespace futured {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

v1::LogKind to_proto(core::LineKind kind) {
  switch (kind) {
    case core::LineKind::kDebug:
      return v1::LOG_KIND_DEBUG;
    case core::LineKind::kInfo:
      return v1::LOG_KIND_INFO;
    case core::LineKind::kWarning:
      return v1::LOG_KIND_WARNING;
    case core::LineKind::kError:
      return v1::LOG_KIND_ERROR;
    case core::LineKind::kOutput:
      return v1::LOG_KIND_STDOUT;
    case core::LineKind::kErrors:
      return v1::LOG_KIND_STDERR;
  }
  return v1::LOG_KIND_UNSPECIFIED;
}

core::LineKind to_core(v1::LogKind kind) {
  switch (kind) {
    case v1::LOG_KIND_DEBUG:
      return core::LineKind::kDebug;
    case v1::LOG_KIND_WARNING:
      return core::LineKind::kWarning;
    case v1::LOG_KIND_ERROR:
      return core::LineKind::kError;
    case v1::LOG_KIND_STDOUT:
      return core::LineKind::kOutput;
    case v1::LOG_KIND_STDERR:
      return core::LineKind::kErrors;
    default:
      return core::LineKind::kInfo;
  }
}

// Takes the number at the beginning of a text, if there is one.
bool take_number(std::string_view& text, int base, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  const auto length = static_cast<std::size_t>(end - text.data());
  text.remove_prefix(length);
  return error == std::errc() && length > 0;
}

}  // namespace

google::protobuf::Timestamp to_proto(core::WallTime time) {
  const core::Duration since_epoch = time.time_since_epoch();
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(since_epoch.count() / kSecond);
  timestamp.set_nanos(static_cast<int>(since_epoch.count() % kSecond));
  return timestamp;
}

v1::LogLine to_proto(const core::LogLine& line) {
  v1::LogLine proto;
  proto.set_number(line.number);
  proto.set_attempt(line.attempt);
  *proto.mutable_time() = to_proto(line.time);
  proto.set_kind(to_proto(line.kind));
  proto.set_text(line.text.view().data(), line.text.size());
  return proto;
}

core::LogLine to_core(const v1::LogLine& line) {
  const auto time = std::chrono::nanoseconds(line.time().seconds() * kSecond + line.time().nanos());
  return {line.number(), line.attempt(), to_core(line.kind()),
          core::WallTime(std::chrono::duration_cast<core::WallTime::duration>(time)), core::Bytes(line.text())};
}

std::string position_text(const core::LogPosition& position) {
  if (position == core::LogPosition()) return "";
  char series[2 * sizeof(position.series)];
  const auto [end, error] = std::to_chars(std::begin(series), std::end(series), position.series, 16);
  return std::string(std::begin(series), end) + "-" + std::to_string(position.number);
}

std::optional<core::LogPosition> parse_position(std::string_view text) {
  core::LogPosition position;
  if (text.empty()) return position;
  if (!take_number(text, 16, position.series) || !text.starts_with('-')) return std::nullopt;
  text.remove_prefix(1);
  if (!take_number(text, 10, position.number) || !text.empty()) return std::nullopt;
  return position;
}

std::string serialized_log(const core::StoredLog& log) {
  v1::FutureNews message;
  for (const core::LogLine& line : log.lines) *message.add_lines() = to_proto(line);
  message.set_position(position_text(log.end));
  return message.SerializeAsString();
}

std::optional<core::StoredLog> stored_log(std::string_view bytes) {
  v1::FutureNews message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return std::nullopt;
  const auto end = parse_position(message.position());
  if (!end) return std::nullopt;
  core::StoredLog log{*end, {}};
  for (const v1::LogLine& line : message.lines()) log.lines.push_back(to_core(line));
  return log;
}

}  // namespace futured
