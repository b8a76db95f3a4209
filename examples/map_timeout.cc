// Fetches pages for as long as there is time, and does without the rest.
#include <futured/futured.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "examples/program.h"
#include "examples/tasks.h"

namespace {

using namespace std::chrono_literals;
using Seconds = std::chrono::duration<double>;

// The time is that of the whole iteration, and begins with the call of map(). When it is up, the calls that no worker
// has begun are cancelled. Those under way go on until they have taken as long themselves, by their own timeout.
void fetch_within(const futured::Executor& executor, const std::vector<std::string>& urls, Seconds limit) {
  const auto own_timeout = std::chrono::ceil<std::chrono::milliseconds>(limit) + 1s;
  const futured::Submitter submitter = executor.with({.timeout = own_timeout});
  auto url = urls.begin();
  try {
    for (const auto& page : submitter.map(examples::fetch, urls, {.timeout = limit})) {
      std::printf("%s: status %d\n", url->c_str(), page.status);
      ++url;
    }
    std::printf("all %zu pages in time\n", urls.size());
  } catch (const futured::TimeoutError&) {
    std::printf("%s: not there after %.2f s; %td of %zu pages in time\n", url->c_str(), limit.count(),
                url - urls.begin(), urls.size());
  }
}

}  // namespace

int main(int argc, char** argv) {
  examples::Program program("Fetches pages in order, for as long as there is time.");
  std::vector<std::string> urls;
  program.options().add_option("URL", urls, "http://host[:port][/path]")->required();
  double seconds = 1;
  program.options().add_option("--timeout", seconds, "Seconds for all of them")->capture_default_str();

  return program.run(argc, argv, [&] {
    fetch_within(futured::Executor(program.address(), {.reconnect_timeout = 5s}), urls, Seconds(seconds));
  });
}
