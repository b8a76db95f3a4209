// TransitionLog: a store that also writes a line for each change of a future's state, for `--verbose`.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "server/core/store.h"
#include "server/log.h"

namespace futured::server {

// Neither part is owned; both must outlive it.
class TransitionLog final : public core::Store {
 public:
  TransitionLog(core::Store& inner, Logger& logger) : inner_(inner), logger_(logger) {}

  bool wants_transitions() const override { return true; }
  bool keeps_futures() const override { return inner_.keeps_futures(); }
  void append(std::vector<core::Transition> transitions, std::function<void()> when_durable) override {
    for (const core::Transition& transition : transitions) write(transition);
    inner_.append(std::move(transitions), std::move(when_durable));
  }

  core::Result<core::Loaded> load(const std::function<void(std::vector<core::StoredFuture>)>& consumer) const override {
    return inner_.load(consumer);
  }
  void close() override { inner_.close(); }
  core::StoreStats stats() const override { return inner_.stats(); }
  std::optional<core::Status> refusal() const override { return inner_.refusal(); }
  core::Result<void> backup(const std::filesystem::path& copy, const std::function<bool()>& unwanted) const override {
    return inner_.backup(copy, unwanted);
  }

 private:
  void write(const core::Transition& transition);

  core::Store& inner_;
  Logger& logger_;
};

}  // namespace futured::server
