// Fetches many pages at once and shows each as it comes. One that fails spoils nothing.
#include <futured/futured.h>

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "examples/program.h"
#include "examples/tasks.h"

namespace {

using namespace std::chrono_literals;

void show(const std::string& url, const futured::Future<examples::Page>& future) {
  try {
    const examples::Page& page = future.result();
    std::printf("%s: status %d, %zu bytes\n", url.c_str(), page.status, page.body.data.size());
  } catch (const futured::TaskError& error) {
    std::printf("%s: failed: %s\n", url.c_str(), error.message().c_str());
  }
}

void fetch_at_once(const futured::Executor& executor, const std::vector<std::string>& urls) {
  std::vector<futured::Future<examples::Page>> futures;
  std::map<futured::Future<examples::Page>, std::string> url_of;
  for (const auto& url : urls) {
    futures.push_back(executor.submit(examples::fetch, url));
    url_of[futures.back()] = url;
  }

  const examples::Stopwatch watch;
  examples::ProgressBar bar(urls.size());
  for (const auto& future : futured::as_completed(futures)) {
    bar.hide();
    std::printf("%5.2f s  ", watch.seconds());
    show(url_of.at(future), future);
    bar.advance();
  }
}

void fetch_one_by_one(const futured::Executor& executor, const std::vector<std::string>& urls) {
  examples::ProgressBar bar(urls.size());
  for (const auto& url : urls) {
    futured::wait(std::vector{executor.submit(examples::fetch, url)});
    bar.advance();
  }
}

}  // namespace

int main(int argc, char** argv) {
  examples::Program program("Fetches many pages at once and shows each as it comes.");
  std::vector<std::string> urls;
  program.options().add_option("URL", urls, "http://host[:port][/path]")->required();
  bool compare = false;
  program.options().add_flag("--compare", compare, "Fetch them one after another too, and print both times");

  return program.run(argc, argv, [&] {
    const futured::Executor executor(program.address(), {.reconnect_timeout = 5s});
    const examples::Stopwatch together;
    fetch_at_once(executor, urls);
    const double seconds = together.seconds();
    std::printf("%zu pages in %.2f s\n", urls.size(), seconds);
    if (!compare) return;
    const examples::Stopwatch apart;
    fetch_one_by_one(executor, urls);
    examples::print_gain(seconds, apart.seconds());
  });
}
