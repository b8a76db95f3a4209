// ExecutionLog: what the functions kTrace and kWork wrote about their executions.
#pragma once

#include <fstream>
#include <map>
#include <string>

namespace futured::testing {

struct ExecutionLog {
  // `path`: of the rendezvous that the functions were given.
  explicit ExecutionLog(const std::string& path) {
    std::ifstream begins(path + "/begun");
    for (std::string name; begins >> name;) ++begun[name];
    std::ifstream ends(path + "/ended");
    for (std::string name, how; ends >> name >> how;) ended[name] += how;
  }
  int times_begun(const std::string& name) const {
    const auto found = begun.find(name);
    return found == begun.end() ? 0 : found->second;
  }
  // "done", "stopped", "": it has not ended.
  std::string how_ended(const std::string& name) const {
    const auto found = ended.find(name);
    return found == ended.end() ? "" : found->second;
  }

  std::map<std::string, int> begun;
  std::map<std::string, std::string> ended;
};

}  // namespace futured::testing
