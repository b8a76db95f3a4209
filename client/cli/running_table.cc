#include "client/cli/running_table.h"

#include <algorithm>
#include <cmath>

#include "client/cli/printable.h"
#include "client/cli/progress_bar.h"

namespace futured::cli {
namespace {

// Below it there is no room for a bar beside the function's name.
constexpr std::size_t kLeastWidth = 60;
constexpr std::size_t kBarWidth = 20;
constexpr std::size_t kWidestName = 32;

std::string percent(double fraction) {
  std::string text = std::to_string(std::lround(fraction * 100)) + " %";
  return std::string(5 - std::min<std::size_t>(5, text.size()), ' ') + text;
}

// Whole characters of UTF-8, each counted as one column.
std::string cut(const std::string& text, std::size_t width) {
  const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
  std::size_t end = 0;
  for (; end < text.size(); ++end) {
    if (begins(text[end]) && width-- == 0) break;
  }
  return text.substr(0, end);
}

std::string line_of(const v1::Future& future, std::size_t name_width, std::size_t width) {
  std::string name = cut(printable(future.function()), name_width);
  name.resize(name_width, ' ');
  const v1::Progress& progress = future.progress();
  return cut(name + "  " + bar_of(progress.fraction(), kBarWidth) + percent(progress.fraction()) + "  " +
                 printable(progress.message()),
             width);
}

}  // namespace

std::vector<v1::Future> list_with_progress(Connection& connection) {
  v1::ListRequest request;
  constexpr int kLargestPage = 1000;
  request.set_page_size(kLargestPage);
  request.add_states(v1::FUTURE_STATE_RUNNING);
  const auto response = connection.call(&v1::FutureService::Stub::List, request);
  std::vector<v1::Future> futures(response.futures().begin(), response.futures().end());
  std::erase_if(futures, [](const v1::Future& future) { return !future.has_progress(); });
  return futures;
}

std::string running_table(const std::vector<v1::Future>& futures, std::size_t width, std::size_t most) {
  if (futures.empty() || width < kLeastWidth) return "";
  std::size_t name_width = std::string("FUNCTION").size();
  for (const v1::Future& future : futures) name_width = std::max(name_width, future.function().size());
  name_width = std::min(name_width, kWidestName);
  std::string out = "FUNCTION";
  out.resize(name_width, ' ');
  out += "  PROGRESS\n";
  const std::size_t shown = std::min(most, futures.size());
  for (std::size_t i = 0; i < shown; ++i) out += line_of(futures[i], name_width, width) + "\n";
  if (shown < futures.size()) out += "and " + std::to_string(futures.size() - shown) + " more\n";
  return out;
}

}  // namespace futured::cli
