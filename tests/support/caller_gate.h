// CallerGate: a gate that believes what the metadata says of the caller, and remembers what it was asked.
#pragma once

#include <grpcpp/grpcpp.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "server/core/mutex.h"
#include "server/rpc/gate.h"

namespace futured::testing {

// The metadata by which a call says whose it is. Calls without are the daemon's.
inline constexpr const char* kCallerKey = "test-caller";

// May be used from any thread.
class CallerGate final : public rpc::Gate {
 public:
  void know(const std::string& name, core::AccountIndex account) {
    core::MutexLock lock(mu_);
    known_[name] = account;
  }
  // From now on nobody may submit it.
  void forbid(const std::string& function) {
    core::MutexLock lock(mu_);
    forbidden_.insert(function);
  }
  // Methods that somebody called who is not known.
  std::set<std::string> refused() const {
    core::MutexLock lock(mu_);
    return refused_;
  }
  // The executors that checked tasks were for.
  std::set<std::string> executors() const {
    core::MutexLock lock(mu_);
    return executors_;
  }

  core::Result<rpc::Caller> admit(grpc::CallbackServerContext& context, std::string_view method) override {
    const auto& metadata = context.client_metadata();
    const auto name = metadata.find(kCallerKey);
    if (name == metadata.end()) return rpc::Caller();
    core::MutexLock lock(mu_);
    const auto known = known_.find(std::string(name->second.data(), name->second.size()));
    if (known != known_.end()) return rpc::Caller{known->second};
    refused_.emplace(method);
    return core::failure(core::Reason::kCredentialsInvalid, "nobody knows this caller");
  }
  std::optional<core::AccountIndex> account_of(std::optional<std::string_view>) override {
    return core::kDaemonAccount;
  }
  core::Result<void> check_task(const rpc::Caller&, std::string_view executor, std::string_view function) override {
    core::MutexLock lock(mu_);
    executors_.emplace(executor);
    if (!forbidden_.contains(std::string(function))) return {};
    return core::failure(core::Reason::kPermissionDenied, "function \"" + std::string(function) + "\" is forbidden");
  }
  core::Result<void> check_method(const rpc::Caller&, std::string_view) override { return {}; }
  core::Result<void> check_standing(const rpc::Caller&) override { return {}; }
  void record(const rpc::Caller&, std::string_view, const rpc::Subject&) override {}
  bool records() const override { return false; }

 private:
  mutable core::Mutex mu_;
  std::map<std::string, core::AccountIndex> known_ FUTURED_GUARDED_BY(mu_);
  std::set<std::string> forbidden_ FUTURED_GUARDED_BY(mu_);
  std::set<std::string> refused_ FUTURED_GUARDED_BY(mu_);
  std::set<std::string> executors_ FUTURED_GUARDED_BY(mu_);
};

}  // namespace futured::testing
