#include "server/rpc/future_service.h"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server/rpc/as_completed_reactor.h"
#include "server/rpc/call_trace.h"
#include "server/rpc/convert.h"
#include "server/rpc/method_verbs.h"
#include "server/rpc/subject.h"
#include "server/rpc/submission.h"
#include "server/rpc/watch_reactor.h"
#include "server/rpc/wire.h"

namespace futured::rpc {
namespace {

constexpr auto kLongestSubmitWait = std::chrono::hours(1);

core::Result<core::ReturnWhen> to_core(v1::ReturnWhen when) {
  switch (when) {
    case v1::RETURN_WHEN_FIRST_COMPLETED:
      return core::ReturnWhen::kFirstCompleted;
    case v1::RETURN_WHEN_FIRST_EXCEPTION:
      return core::ReturnWhen::kFirstException;
    case v1::RETURN_WHEN_ALL_COMPLETED:
      return core::ReturnWhen::kAllCompleted;
    default:
      return invalid("return_when",
                     std::to_string(when) + " is none; must be FIRST_COMPLETED, FIRST_EXCEPTION or ALL_COMPLETED");
  }
}

core::Result<core::LogPosition> position_at(const v1::WatchRequest& request, int index) {
  if (request.positions().empty()) return core::LogPosition();
  const std::string& text = request.positions(index);
  if (const auto position = parse_position(text)) return *position;
  std::string field = "positions[";
  field.append(std::to_string(index)).append("]");
  std::string what = "\"";
  what.append(printable(text)).append("\" is no FutureNews.position");
  return invalid(field, what);
}

core::Result<WatchReactor::Options> to_watch(const v1::WatchRequest& request, const RequestLimits& limits) {
  const auto ids = to_ids(request.ids(), limits);
  if (!ids) return tl::unexpected(ids.error());
  if (!request.positions().empty() && request.positions_size() != request.ids_size()) {
    return invalid("positions", std::to_string(request.positions_size()) + " of them for " +
                                    std::to_string(request.ids_size()) + " IDs; must be as many, or none");
  }
  WatchReactor::Options options{{}, {}, request.logs(), request.progress(), request.follow()};
  std::set<core::FutureId> seen;
  for (int i = 0; i < request.ids_size(); ++i) {
    const core::FutureId id = (*ids)[static_cast<std::size_t>(i)];
    const auto position = position_at(request, i);
    if (!position) return tl::unexpected(position.error());
    if (!seen.insert(id).second) continue;
    options.ids.push_back(id);
    options.positions.push_back(*position);
  }
  return options;
}

core::Result<core::Duration> submit_wait(const v1::SubmitRequest& request) {
  auto wait = to_duration("wait", request.wait());
  if (!wait || *wait <= kLongestSubmitWait) return wait;
  return invalid("wait", std::to_string(request.wait().seconds()) + " s are too long; at most one hour is allowed");
}

}  // namespace

FutureService::FutureService(const Parts& parts, const RequestLimits& limits, SessionFactory sessions)
    : parts_(parts),
      limits_(limits),
      sessions_(std::move(sessions)),
      calls_(parts.on_ebb),
      waiting_{{parts.table, parts.timekeeper, parts.clock}, calls_} {}

template <class Request>
grpc::ServerUnaryReactor* FutureService::begin(
    const UnaryCall& call,
    grpc::ServerUnaryReactor* (FutureService::*handle)(const WaitReactor::Call&, const Request&)) {
  return admit<Request>(parts_.gate, call, [&](const Caller& caller, const Request& request) {
    return (this->*handle)({*call.context, *call.response, caller}, request);
  });
}

// --- Submit.

grpc::ServerUnaryReactor* FutureService::Submit(grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                                grpc::ByteBuffer* response) {
  return begin({methods::kSubmit, context, bytes, response}, &FutureService::submit);
}

grpc::ServerUnaryReactor* FutureService::submit(const WaitReactor::Call& call, const v1::SubmitRequest& request) {
  const auto wait = submit_wait(request);
  if (!wait) return refuse(call.context, wait.error());
  auto submission =
      Submission::read(request, call.caller, {parts_.table, parts_.gate, parts_.ids}, limits_, trace_of(call.context));
  if (!submission) return refuse(call.context, submission.error());
  const auto ids = std::make_shared<const std::vector<core::FutureId>>(submission->ids());

  if (*wait > core::Duration::zero()) {
    return WaitReactor::start(
        waiting_, call, {core::ReturnWhen::kAllCompleted, *wait, limits_.max_answer_size}, ids->size(),
        [&](core::Waiter& waiter) { return waiter.submit(submission->groups()); },
        [this, ids](const core::Waiter& waiter, core::Waiter::Ending, grpc::ByteBuffer& answer) -> core::Result<void> {
          serialize(submitted(*ids, waiter.outcomes(), [&](std::size_t i) { return waiter.is_left_out(i); }), answer);
          return {};
        });
  }
  auto* reactor = call.context.DefaultReactor();
  const auto created = parts_.table.create(submission->groups(), core::kNoSubscriber, [this, ids, call, reactor] {
    serialize(submitted(*ids, look_at(call.caller, *ids), [](std::size_t) { return false; }), call.response);
    reactor->Finish(grpc::Status::OK);
  });
  if (!created) reactor->Finish(to_grpc(created.error(), call.context));
  return reactor;
}

v1::SubmitResponse FutureService::submitted(const std::vector<core::FutureId>& ids,
                                            const std::vector<core::Outcome>& outcomes,
                                            const std::function<bool(std::size_t)>& is_left_out) const {
  v1::SubmitResponse response;
  OutcomeBudget budget(limits_);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    v1::SubmittedFuture& future = *response.add_futures();
    future.set_id(to_string(ids[i]));
    future.set_state(to_proto(outcomes[i].state));
    if (!is_final(outcomes[i].state) || is_left_out(i) || !budget.take(outcomes[i])) continue;
    *future.mutable_outcome() = to_proto(outcomes[i]);
  }
  return response;
}

// What is known of futures now; those that are already forgotten count as pending.
std::vector<core::Outcome> FutureService::look_at(const Caller& caller, const std::vector<core::FutureId>& ids) const {
  std::vector<core::Outcome> outcomes;
  outcomes.reserve(ids.size());
  for (auto& future : parts_.table.get(caller.account, ids)) {
    outcomes.push_back(future ? std::move(future->outcome) : core::Outcome());
    if (future) outcomes.back().state = future->state;
  }
  return outcomes;
}

// --- Retry.

grpc::ServerUnaryReactor* FutureService::Retry(grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                               grpc::ByteBuffer* response) {
  return begin({methods::kRetry, context, bytes, response}, &FutureService::retry);
}

grpc::ServerUnaryReactor* FutureService::retry(const WaitReactor::Call& call, const v1::RetryRequest& request) {
  const auto id = to_id("id", request.id());
  if (!id) return refuse(call.context, id.error());
  if (!request.new_id().empty()) {
    if (const auto chosen = to_id("new_id", request.new_id()); !chosen) return refuse(call.context, chosen.error());
  }
  auto task = task_again(call.caller, *id);
  if (!task) return refuse(call.context, task.error());
  task->set_id(request.new_id());
  v1::SubmitRequest again;
  *again.add_tasks() = *std::move(task);
  auto submission =
      Submission::read(again, call.caller, {parts_.table, parts_.gate, parts_.ids}, limits_, trace_of(call.context));
  if (!submission) return refuse(call.context, submission.error());
  auto* reactor = call.context.DefaultReactor();
  const auto created = parts_.table.create(submission->groups(), core::kNoSubscriber,
                                           [new_id = submission->ids().front(), call, reactor] {
                                             v1::RetryResponse response;
                                             response.set_id(to_string(new_id));
                                             serialize(response, call.response);
                                             reactor->Finish(grpc::Status::OK);
                                           });
  if (!created) reactor->Finish(to_grpc(created.error(), call.context));
  return reactor;
}

// As the future was submitted.
core::Result<v1::Task> FutureService::task_again(const Caller& caller, core::FutureId id) const {
  const auto future = parts_.table.get(caller.account, {&id, 1}).front();
  if (!future) return tl::unexpected(parts_.table.not_found(caller.account, id));
  const std::string name = to_string(id);
  if (future->state != core::State::kFailed && future->state != core::State::kCancelled) {
    return tl::unexpected(core::Status{core::Reason::kFutureNotFailed,
                                       "future " + name + " has neither failed nor was it cancelled",
                                       {},
                                       {},
                                       {"future", name}});
  }
  v1::Task task;
  if (!read_arguments(*future, *task.mutable_arguments())) {
    return tl::unexpected(core::Status{core::Reason::kArgumentsGone,
                                       "the arguments of future " + name + " are not kept any more",
                                       {},
                                       {},
                                       {"future", name}});
  }
  const std::string executor = parts_.table.executors()[future->executor].description->name;
  task.set_function(future->function);
  *task.mutable_options() = to_proto(*future, executor, WallTime(parts_.clock)).options();
  task.mutable_options()->set_executor(executor);
  return task;
}

// --- Waiting.

grpc::ServerUnaryReactor* FutureService::Result(grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                                grpc::ByteBuffer* response) {
  return begin({"/futured.v1.FutureService/Result", context, bytes, response}, &FutureService::result);
}

grpc::ServerUnaryReactor* FutureService::result(const WaitReactor::Call& call, const v1::ResultRequest& request) {
  const auto id = to_id("id", request.id());
  if (!id) return refuse(call.context, id.error());
  const auto timeout = to_timeout("timeout", request.has_timeout(), request.timeout());
  if (!timeout) return refuse(call.context, timeout.error());
  return WaitReactor::start(
      waiting_, call, {core::ReturnWhen::kAllCompleted, *timeout}, 1,
      [&](core::Waiter& waiter) {
        return waiter.watch({&*id, 1});
      },
      [this, id = *id, caller = call.caller](const core::Waiter& waiter, core::Waiter::Ending ending,
                                             grpc::ByteBuffer& answer) -> core::Result<void> {
        const core::Outcome& outcome = waiter.outcomes().front();
        const bool done = is_final(outcome.state);
        // Forgotten in the moment between its end and our look.
        if (ending == core::Waiter::Ending::kReady && !done)
          return tl::unexpected(parts_.table.not_found(caller.account, id));
        v1::ResultResponse message;
        message.set_done(done);
        message.set_state(to_proto(outcome.state));
        if (done) *message.mutable_outcome() = to_proto(outcome);
        serialize(message, answer);
        return {};
      });
}

grpc::ServerUnaryReactor* FutureService::Wait(grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                              grpc::ByteBuffer* response) {
  return begin({"/futured.v1.FutureService/Wait", context, bytes, response}, &FutureService::wait);
}

grpc::ServerUnaryReactor* FutureService::wait(const WaitReactor::Call& call, const v1::WaitRequest& request) {
  const auto listed = to_ids(request.ids(), limits_);
  if (!listed) return refuse(call.context, listed.error());
  const auto when = to_core(request.return_when());
  if (!when) return refuse(call.context, when.error());
  const auto timeout = to_timeout("timeout", request.has_timeout(), request.timeout());
  if (!timeout) return refuse(call.context, timeout.error());
  const auto ids = std::make_shared<const std::vector<core::FutureId>>(distinct(*listed));
  return WaitReactor::start(
      waiting_, call, {*when, *timeout, 0}, ids->size(), [&](core::Waiter& waiter) { return waiter.watch(*ids); },
      [this, ids, caller = call.caller](const core::Waiter&, core::Waiter::Ending,
                                        grpc::ByteBuffer& answer) -> core::Result<void> {
        const auto states = parts_.table.states(caller.account, *ids);
        v1::WaitResponse message;
        for (std::size_t i = 0; i < ids->size(); ++i) {
          // All were known, and only finished ones can be forgotten.
          const bool done = !states[i] || is_final(*states[i]);
          (done ? message.add_done() : message.add_not_done())->assign(to_string((*ids)[i]));
        }
        serialize(message, answer);
        return {};
      });
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* FutureService::AsCompleted(grpc::CallbackServerContext* context,
                                                                       const grpc::ByteBuffer* bytes) {
  const auto refuse = [&](const core::Status& status) { return AsCompletedReactor::refuse(*context, status); };
  const auto caller = parts_.gate.admit(*context, methods::kAsCompleted);
  if (!caller) return refuse(caller.error());
  v1::AsCompletedRequest request;
  if (auto parsed = parse(*bytes, request); !parsed) return refuse(parsed.error());
  const auto ids = to_ids(request.ids(), limits_);
  if (!ids) return refuse(ids.error());
  const auto timeout = to_timeout("timeout", request.has_timeout(), request.timeout());
  if (!timeout) return refuse(timeout.error());
  record(parts_.gate, *caller, methods::kAsCompleted, request);
  return AsCompletedReactor::start(waiting_, *caller, *context, distinct(*ids), *timeout);
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* FutureService::Watch(grpc::CallbackServerContext* context,
                                                                 const grpc::ByteBuffer* bytes) {
  const auto refuse = [&](const core::Status& status) { return WatchReactor::refuse(*context, status); };
  const auto caller = parts_.gate.admit(*context, methods::kWatch);
  if (!caller) return refuse(caller.error());
  v1::WatchRequest request;
  if (auto parsed = parse(*bytes, request); !parsed) return refuse(parsed.error());
  auto options = to_watch(request, limits_);
  if (!options) return refuse(options.error());
  record(parts_.gate, *caller, methods::kWatch, request);
  return WatchReactor::start(waiting_, *caller, *context, *std::move(options));
}

}  // namespace futured::rpc
