// OptionColumns: the options of a task as the columns of its row.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/core/checksum.h"
#include "server/core/task_options.h"

namespace futured::store {

// A column is nothing, NULL in the database, where the option has its default.
struct OptionColumns {
  // Places in `numbers`, in the order of the table's columns. Times are in nanoseconds, not_before since 1970.
  enum Place {
    kTimeout,
    kRetention,
    kAtMostOnce,  // Nothing: the task has no policy.
    kPriority,
    kExpires,
    kNotBefore,
    kMaxAttempts,
    kRetryDelay,
    kMaxRetryDelay,
    kDelay,
    kRetryFactor,  // In thousandths, as the next.
    kRetryJitter,
    kPlaces,
  };
  std::array<std::optional<std::int64_t>, kPlaces> numbers;
  std::optional<std::string> retry_on;
  std::optional<std::string> labels;
  std::optional<std::string> traceparent;
  std::optional<std::string> tracestate;

  void add_to(core::Checksum& checksum) const;
};

OptionColumns to_columns(const core::TaskOptions& options);
core::TaskOptions to_options(const OptionColumns& columns);

// Lines of text. A line break or backslash in an entry is written as \n and \\.
std::string join_lines(const std::vector<std::string>& entries);
std::vector<std::string> split_lines(std::string_view text);
// Lines of key=value. A = in a key is written as \=.
std::string join_labels(const core::Labels& labels);
core::Labels split_labels(std::string_view text);

}  // namespace futured::store
