#include "futured/registry.h"

#include <stdexcept>

namespace futured {

const Function* Registry::find(std::string_view name) const {
  const auto it = functions_.find(name);
  return it == functions_.end() ? nullptr : &it->second;
}

std::vector<const Function*> Registry::functions() const {
  std::vector<const Function*> sorted;
  sorted.reserve(functions_.size());
  for (const auto& [name, function] : functions_) sorted.push_back(&function);
  return sorted;
}

void Registry::insert(Function&& function) {
  const std::string name = function.name();
  if (!functions_.try_emplace(name, std::move(function)).second) {
    throw std::invalid_argument("function \"" + name + "\" is registered twice");
  }
}

}  // namespace futured
