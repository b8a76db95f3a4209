// What the blocks of C++ in the documentation take for granted: what a reader would have written before. Each block
// that has no file name is compiled behind these declarations, inside of a function that has a `registry` and a
// `context`.
#pragma once

#include <futured/futured.h>
#include <futured/plugin.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <map>
#include <ranges>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

using Page = std::string;
using Order = std::string;

inline constexpr futured::Task<bool(std::uint64_t)> is_odd{"numbers.is_odd"};
inline constexpr futured::Task<Page(std::string)> fetch{"http.get"};
inline constexpr futured::Task<void(Order)> charge{"orders.charge"};
inline constexpr futured::Task<void(std::string)> send_mail{"mail.send"};
inline constexpr futured::Task<std::uint64_t(std::string)> count{"files.count"};

Page get(std::string url, std::string traceparent = {});
void show(const std::string& url, const std::string& text);

// A library for traces.
namespace my_tracer {
std::string current_traceparent();
}

extern futured::Executor executor;
extern std::vector<std::string> urls;
extern Order order;
extern std::string mail;
extern std::string id;
