// Origins: where the present value of each setting comes from, for complaints.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace futured::server {

// Settings by path: "listen", "executors.thread.max_workers". Not thread-safe.
class Origins {
 public:
  // `origin` begins a complaint: "--listen", "futured.toml:12: executors.thread.max_workers".
  void set(std::string_view path, std::string origin) {
    origins_.insert_or_assign(std::string(path), std::move(origin));
  }
  // Whether that very setting was given.
  bool has(std::string_view path) const { return origins_.find(path) != origins_.end(); }
  // The origin of a setting; of one that was left out, that of what it belongs to.
  std::string of(std::string_view path) const {
    for (std::size_t end = path.size(); end != 0 && end != std::string_view::npos; end = path.rfind('.', end - 1)) {
      const auto found = origins_.find(path.substr(0, end));
      if (found != origins_.end()) return found->second + std::string(path.substr(end));
    }
    return std::string(path);
  }

 private:
  std::map<std::string, std::string, std::less<>> origins_;
};

}  // namespace futured::server
