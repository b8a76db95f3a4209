// Futures and executors as JSON.
#pragma once

#include "client/cli/json_value.h"
#include "futured/v1/executor_service.pb.h"
#include "futured/v1/future.pb.h"

namespace futured::cli {

// The fields of the message that are set, named as in the protocol; times as in "2025-01-31T12:00:00.123Z".
Json to_json(const v1::Progress& progress);
Json to_json(const v1::TaskOptions& options);
Json to_json(const v1::Future& future);
Json to_json(const v1::Executor& executor);
Json to_json(const v1::Worker& worker);

}  // namespace futured::cli
