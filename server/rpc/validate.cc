#include "server/rpc/validate.h"

#include <algorithm>
#include <set>
#include <utility>

#include "futured/task.h"
#include "server/rpc/convert.h"

namespace futured::rpc {
namespace {

constexpr std::size_t kShown = 64;
// A hundred years: longer ones are as good as that.
constexpr std::int64_t kLongestSeconds = std::int64_t{100} * 365 * 24 * 3600;
// The first of 2201; 64 bits of nanoseconds end in 2262.
constexpr std::int64_t kLatestSecond = 7'289'654'400;
// How long a function may take to stop before it is killed.
constexpr core::Duration kLongestGrace = std::chrono::hours(1);

// The path below a value to one that has no kind.
std::optional<std::string> without_kind(const v1::Value& value) {
  if (value.kind_case() == v1::Value::KIND_NOT_SET) return "";
  if (value.has_list_value()) {
    for (int i = 0; i < value.list_value().items_size(); ++i) {
      if (const auto path = without_kind(value.list_value().items(i))) {
        return ".list_value.items[" + std::to_string(i) + "]" + *path;
      }
    }
  } else if (value.has_map_value()) {
    for (const auto& [key, entry] : value.map_value().entries()) {
      if (const auto path = without_kind(entry)) {
        return ".map_value.entries[\"" + printable(key) + "\"]" + *path;
      }
    }
  }
  return std::nullopt;
}

}  // namespace

bool OutcomeBudget::take(std::uint64_t bytes) {
  if (bytes > left_ && any_taken_) return false;
  left_ -= std::min(left_, bytes);
  any_taken_ = true;
  return true;
}

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

std::string in_quotes(std::string_view text) {
  std::string shown(1, '"');
  return shown.append(printable(text)).append(1, '"');
}

tl::unexpected<core::Status> invalid(std::string_view field, const std::string& what) {
  return core::field_failure(core::Reason::kFieldInvalid, field, what);
}

core::Status in_field(std::string field, core::Status status) {
  status.field = std::move(field);
  return status;
}

core::Status too_large(std::string_view field, std::uint64_t size, std::uint64_t limit) {
  return core::field_failure(core::Reason::kArgumentsTooLarge, field,
                             std::to_string(size) + " bytes, the limit is " + std::to_string(limit))
      .value();
}

core::Result<void> check_function_name(std::string_view field, std::string_view name) {
  if (is_function_name(name)) return {};
  return invalid(field, in_quotes(name) + " is no function name: 1 to 128 characters of [A-Za-z0-9_.-]");
}

core::Result<core::Duration> to_duration(std::string_view field, const google::protobuf::Duration& duration) {
  if (duration.seconds() < 0 || duration.nanos() < 0 || duration.nanos() > 999'999'999) {
    return invalid(field, std::to_string(duration.seconds()) + " s " + std::to_string(duration.nanos()) +
                              " ns is no duration from 0 on");
  }
  return std::chrono::seconds(std::min(duration.seconds(), kLongestSeconds)) +
         std::chrono::nanoseconds(duration.nanos());
}

core::Result<std::optional<core::Duration>> to_timeout(std::string_view field, bool is_set,
                                                       const google::protobuf::Duration& duration) {
  if (!is_set) return std::nullopt;
  const auto timeout = to_duration(field, duration);
  if (!timeout) return tl::unexpected(timeout.error());
  return *timeout;
}

core::Result<core::WallTime> to_wall_time(std::string_view field, const google::protobuf::Timestamp& time) {
  if (time.seconds() < 0 || time.seconds() > kLatestSecond || time.nanos() < 0 || time.nanos() > 999'999'999) {
    return invalid(field, std::to_string(time.seconds()) + " s " + std::to_string(time.nanos()) +
                              " ns after 1970 is no time of the years 1970 to 2200");
  }
  return core::WallTime(std::chrono::seconds(time.seconds()) + std::chrono::nanoseconds(time.nanos()));
}

core::Result<CancelHow> to_cancel(const std::string& prefix, v1::CancelMode mode,
                                  const google::protobuf::Duration& grace) {
  if (!v1::CancelMode_IsValid(mode)) {
    return invalid(prefix + "mode", std::to_string(mode) + " is no CancelMode");
  }
  const auto duration = to_duration(prefix + "grace", grace);
  if (!duration) return tl::unexpected(duration.error());
  if (*duration > kLongestGrace) {
    return invalid(prefix + "grace", std::to_string(grace.seconds()) + " s is more than one hour");
  }
  return CancelHow{to_core(mode), *duration};
}

core::Result<core::FutureId> to_id(std::string_view field, std::string_view text) {
  if (const auto id = core::parse_future_id(text)) return *id;
  return invalid(
      field, in_quotes(text) + " is no future ID: a UUID of version 8, such as 0b5f9a3e-71c2-8d40-9e5a-000000000001");
}

core::Result<core::SessionId> to_session(std::string_view field, std::string_view text) {
  const auto id = core::parse_future_id(text);
  if (id && id->counter() == 0) return id->session();
  return invalid(field, in_quotes(text) +
                            " is no session: a UUID of version 8 whose last group is zero, such as "
                            "0b5f9a3e-71c2-8d40-9e5a-000000000000");
}

core::Result<void> check_count(std::string_view field, std::string_view what, int count, const RequestLimits& limits) {
  const std::string most = std::to_string(limits.max_ids_per_call);
  if (count == 0) return invalid(field, "empty; 1 to " + most + " " + std::string(what) + " are allowed");
  if (static_cast<std::uint64_t>(count) <= limits.max_ids_per_call) return {};
  return core::field_failure(core::Reason::kTooManyItems, field,
                             std::to_string(count) + " " + std::string(what) + ", the limit is " + most);
}

core::Result<std::vector<core::FutureId>> to_ids(const google::protobuf::RepeatedPtrField<std::string>& ids,
                                                 const RequestLimits& limits) {
  if (auto counted = check_count("ids", "IDs", ids.size(), limits); !counted) return tl::unexpected(counted.error());
  std::vector<core::FutureId> parsed;
  parsed.reserve(static_cast<std::size_t>(ids.size()));
  for (const std::string& text : ids) {
    const auto id = core::parse_future_id(text);
    if (!id) return tl::unexpected(to_id("ids[" + std::to_string(parsed.size()) + "]", text).error());
    parsed.push_back(*id);
  }
  return parsed;
}

std::vector<core::FutureId> distinct(std::vector<core::FutureId> ids) {
  std::set<core::FutureId> seen;
  std::erase_if(ids, [&seen](core::FutureId id) { return !seen.insert(id).second; });
  return ids;
}

core::Result<void> check_arguments(std::string_view field, const v1::Arguments& arguments) {
  for (int i = 0; i < arguments.positional_size(); ++i) {
    if (const auto path = without_kind(arguments.positional(i))) {
      return invalid(field, "positional[" + std::to_string(i) + "]" + *path + " has no kind; absence is null_value");
    }
  }
  for (const auto& [name, value] : arguments.keyword()) {
    if (const auto path = without_kind(value)) {
      return invalid(field, "keyword[\"" + printable(name) + "\"]" + *path + " has no kind; absence is null_value");
    }
  }
  return {};
}

}  // namespace futured::rpc
