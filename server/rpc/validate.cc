#include "server/rpc/validate.h"

#include <algorithm>

#include "futured/task.h"

namespace futured::rpc {
namespace {

constexpr std::size_t kShown = 64;
constexpr std::int64_t kLongestSeconds = std::int64_t{100} * 365 * 24 * 3600;

}  // namespace

std::string printable(std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string shown;
  for (const char c : text.substr(0, kShown)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      shown += c;
    } else {
      shown += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return text.size() > kShown ? shown + "…" : shown;
}

core::Status too_large(std::string_view field, std::uint64_t size, std::uint64_t limit) {
  return {core::Code::kResourceExhausted,
          std::string(field) + ": " + std::to_string(size) + " bytes, the limit is " + std::to_string(limit)};
}

core::Result<void> check_function_name(std::string_view field, std::string_view name) {
  if (is_function_name(name)) return {};
  return core::failure(
      core::Code::kInvalidArgument,
      std::string(field) + ": \"" + printable(name) + "\" is no function name: 1 to 128 characters of [A-Za-z0-9_.-]");
}

core::Result<core::Duration> to_duration(std::string_view field, const google::protobuf::Duration& duration) {
  if (duration.seconds() < 0 || duration.nanos() < 0 || duration.nanos() > 999'999'999) {
    return core::failure(core::Code::kInvalidArgument, std::string(field) + ": " + std::to_string(duration.seconds()) +
                                                           " s " + std::to_string(duration.nanos()) +
                                                           " ns is no duration from 0 on");
  }
  return std::chrono::seconds(std::min(duration.seconds(), kLongestSeconds)) +
         std::chrono::nanoseconds(duration.nanos());
}

core::Result<void> fill_options(const std::string& field, const v1::TaskOptions& options, core::TaskGroup& group) {
  if (options.has_timeout()) {
    const auto timeout = to_duration(field + ".timeout", options.timeout());
    if (!timeout) return tl::unexpected(timeout.error());
    group.timeout = *timeout;
  }
  if (options.has_retention()) {
    const auto retention = to_duration(field + ".retention", options.retention());
    if (!retention) return tl::unexpected(retention.error());
    group.retention = *retention;
  }
  return {};
}

}  // namespace futured::rpc
