// The flags of tasks, which submit and map share.
#pragma once

#include <google/protobuf/map.h>
#include <google/protobuf/timestamp.pb.h>

#include <CLI/CLI.hpp>
#include <string>

#include "futured/call_options.h"
#include "futured/v1/future.pb.h"

namespace futured::cli {

// Adds --executor, --task-timeout, --retention, --attempts and so on. They are in `target` once the command line is
// read.
void add_task_flags(CLI::App& command, v1::TaskOptions& target);
// The same for the SDK.
CallOptions to_call_options(const v1::TaskOptions& options);

// Adds --label KEY=VALUE.
void add_labels(CLI::App& command, google::protobuf::Map<std::string, std::string>& target, const std::string& help);
// "2025-01-31T12:00:00Z". Throws CLI::ValidationError, which names the flag.
google::protobuf::Timestamp parse_time(const std::string& flag, const std::string& text);

}  // namespace futured::cli
