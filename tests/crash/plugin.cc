// Functions of the crash tests: each execution is written down before anything else.
#include "futured/plugin.h"

#include <fcntl.h>

#include <chrono>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>

#include "tests/crash/records.h"
#include "tests/crash/tasks.h"

namespace futured::crash {
namespace {

class Executions {
 public:
  Executions() {
    const char* text = std::getenv(kExecutionsVariable);
    std::istringstream words(text == nullptr ? "" : text);
    std::string path;
    words >> life_ >> path;
    file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file_ < 0) throw std::runtime_error("cannot open the file of executions");
  }
  void add(std::uint64_t key, std::uint64_t attempt) const { append_execution(file_, {key, now_ns(), life_, attempt}); }

 private:
  std::uint64_t life_ = 0;
  int file_ = -1;
};

std::uint64_t run(Context& context, std::uint64_t key, std::uint64_t microseconds, const std::string&) {
  static const Executions executions;
  executions.add(key, context.attempt());
  if (microseconds > 0) std::this_thread::sleep_for(std::chrono::microseconds(microseconds));
  if (context.attempt() < succeeds_at(key)) throw std::domain_error("task " + std::to_string(key) + " fails");
  return value_of(key);
}

}  // namespace
}  // namespace futured::crash

FUTURED_PLUGIN(registry) {
  using futured::crash::kFunction, futured::crash::kLongFunction;
  for (const char* name : {kFunction, kLongFunction}) {
    registry.add(futured::Task<std::uint64_t(std::uint64_t, std::uint64_t, std::string)>(name), &futured::crash::run);
  }
}
