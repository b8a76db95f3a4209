// Asks several mirrors for the same page, takes the first that answers, and stops the rest.
#include <futured/futured.h>

#include <cstdio>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "examples/program.h"
#include "examples/tasks.h"

namespace {

using namespace std::chrono_literals;
using PageFuture = futured::Future<examples::Page>;

bool succeeded(const std::string& url, const PageFuture& future) {
  try {
    std::printf("%s: status %d, the first to answer\n", url.c_str(), future.result().status);
    return true;
  } catch (const futured::TaskError& error) {
    std::printf("%s: failed, the others go on: %s\n", url.c_str(), error.message().c_str());
    return false;
  }
}

// Running tasks are asked to stop; http.get does, and then its future is cancelled.
void stop(const std::vector<PageFuture>& futures, const std::map<PageFuture, std::string>& url_of) {
  for (const auto& future : futures) future.request_stop();
  futured::wait(futures);
  for (const auto& future : futures) {
    std::printf("%s: %s\n", url_of.at(future).c_str(), future.cancelled() ? "cancelled" : "was done just then");
  }
}

void take_first(const futured::Executor& executor, const std::vector<std::string>& urls) {
  std::vector<PageFuture> left;
  std::map<PageFuture, std::string> url_of;
  for (const auto& url : urls) {
    left.push_back(executor.submit(examples::fetch, url));
    url_of[left.back()] = url;
  }

  examples::ProgressBar bar(urls.size());
  bool found = false;
  while (!found && !left.empty()) {
    auto [done, not_done] = futured::wait(left, {.return_when = futured::FIRST_COMPLETED});
    for (const auto& future : done) {
      bar.hide();
      found = succeeded(url_of.at(future), future) || found;
      bar.advance();
    }
    left = std::move(not_done);
  }
  if (!found) throw std::runtime_error("no mirror has the page");
  bar.hide();
  stop(left, url_of);
}

void try_in_turn(const futured::Executor& executor, const std::vector<std::string>& urls) {
  for (const auto& url : urls) {
    if (executor.submit(examples::fetch, url).exception() == nullptr) return;
  }
}

}  // namespace

int main(int argc, char** argv) {
  examples::Program program("Asks several mirrors for the same page, takes the first answer and cancels the rest.");
  std::vector<std::string> urls;
  program.options().add_option("URL", urls, "http://host[:port][/path]")->required();
  bool compare = false;
  program.options().add_flag("--compare", compare, "Then try them in turn until one answers, and print both times");

  return program.run(argc, argv, [&] {
    const futured::Executor executor(program.address(), {.reconnect_timeout = 5s});
    const examples::Stopwatch together;
    take_first(executor, urls);
    const double seconds = together.seconds();
    std::printf("a page after %.2f s\n", seconds);
    if (!compare) return;
    const examples::Stopwatch apart;
    try_in_turn(executor, urls);
    examples::print_gain(seconds, apart.seconds());
  });
}
