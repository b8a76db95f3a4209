// What people are told of a refusal, with what they can look up and programs can match.
#pragma once

#include <string>

#include "futured/errors.h"

namespace futured::cli {

// "the disk is full (DISK_FULL; try again in 1.0s)". The message alone where the daemon gave no reason.
std::string with_reason(const std::string& message, const Refusal& refusal);

}  // namespace futured::cli
