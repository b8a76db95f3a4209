// Fetches a slow page many times, by a coroutine and by a plain function. A plain function holds one of the daemon's
// threads while it waits; a coroutine holds none, so that all requests wait at the same time.
#include <futured/futured.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "examples/program.h"
#include "examples/tasks.h"

namespace {

using namespace std::chrono_literals;
using FetchTask = futured::Task<examples::Page(std::string)>;

double seconds_for(const futured::Executor& executor, const FetchTask& task, const std::string& url,
                   std::uint32_t count) {
  const examples::Stopwatch watch;
  std::vector<futured::Future<examples::Page>> futures;
  for (std::uint32_t i = 0; i < count; ++i) futures.push_back(executor.submit(task, url));
  examples::ProgressBar bar(futures.size());
  for (const auto& future : futured::as_completed(futures)) {
    future.result();
    bar.advance();
  }
  return watch.seconds();
}

}  // namespace

int main(int argc, char** argv) {
  examples::Program program("Fetches a slow page many times, by a coroutine and by a plain function.");
  std::string url;
  program.options().add_option("URL", url, "A slow page: http://host[:port][/path]")->required();
  std::uint32_t count = 1000;
  program.options().add_option("--count", count, "Requests")->check(CLI::Range(1, 5000))->capture_default_str();

  return program.run(argc, argv, [&] {
    const futured::Executor executor(program.address(), {.reconnect_timeout = 5s});
    const double coroutine = seconds_for(executor, examples::fetch, url, count);
    std::printf("%u requests by a coroutine: %.2f s\n", count, coroutine);
    const double plain = seconds_for(executor, examples::fetch_blocking, url, count);
    std::printf("%u requests by a plain function: %.2f s, %.1f times as long\n", count, plain, plain / coroutine);
  });
}
