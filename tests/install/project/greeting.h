// What caller and daemon share.
#pragma once

#include <futured/task.h>

#include <string>

inline constexpr futured::Task<std::string(std::string)> greet{"greeting.greet"};
