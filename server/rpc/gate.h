// Gate: finds out who calls, and whether he may. Every method asks it before it reads a byte of the request.
#pragma once

#include <grpcpp/server_context.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/core/status.h"
#include "server/rpc/caller.h"

namespace futured::rpc {

// What a call is about, for the record.
struct Subject {
  // Futures, and the first of them.
  std::uint64_t ids = 0;
  std::string first_id = {};
  std::string executor = {};
  std::string function = {};
};

// Called from any thread; must not block.
class Gate {
 public:
  virtual ~Gate() = default;
  // Who makes a call of a method, as in "/futured.v1.FutureService/Submit". A failure ends the call.
  virtual core::Result<Caller> admit(grpc::CallbackServerContext& context, std::string_view method) = 0;
  // The account of one who sends this `authorization` over HTTP; nothing: he is not let in.
  virtual std::optional<core::AccountIndex> account_of(std::optional<std::string_view> authorization) = 0;
  // Whether a caller may submit tasks of a function to an executor. The executor is known, the function perhaps not.
  virtual core::Result<void> check_task(const Caller& caller, std::string_view executor, std::string_view function) = 0;
  // Whether a caller may do, on a stream that is open, what `method` does.
  virtual core::Result<void> check_method(const Caller& caller, std::string_view method) = 0;
  // Whether a caller would be let in again: a token may have expired or been taken back since.
  virtual core::Result<void> check_standing(const Caller& caller) = 0;
  // Notes what a caller who may do so does. Once for each call, and for each request of a stream.
  virtual void record(const Caller& caller, std::string_view method, const Subject& subject) = 0;
  // Whether record() does anything.
  virtual bool records() const = 0;
};

// Where no identities are configured: everybody is the daemon itself, and may do everything.
class OpenGate final : public Gate {
 public:
  core::Result<Caller> admit(grpc::CallbackServerContext&, std::string_view) override { return Caller(); }
  std::optional<core::AccountIndex> account_of(std::optional<std::string_view>) override {
    return core::kDaemonAccount;
  }
  core::Result<void> check_task(const Caller&, std::string_view, std::string_view) override { return {}; }
  core::Result<void> check_method(const Caller&, std::string_view) override { return {}; }
  core::Result<void> check_standing(const Caller&) override { return {}; }
  void record(const Caller&, std::string_view, const Subject&) override {}
  bool records() const override { return false; }
};

}  // namespace futured::rpc
