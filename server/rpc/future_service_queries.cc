// FutureService: looking at futures, cancelling and forgetting them.
#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

#include "server/rpc/convert.h"
#include "server/rpc/future_service.h"
#include "server/rpc/method_verbs.h"
#include "server/rpc/task_options.h"

namespace futured::rpc {
namespace {

constexpr int kUsualPage = 100;
constexpr int kLargestPage = 1000;

std::vector<std::string> executor_names(const core::FutureTable& table) {
  std::vector<std::string> names;
  for (const core::ExecutorSnapshot& executor : table.executors()) names.push_back(executor.description->name);
  return names;
}

core::Result<std::uint64_t> read_page_token(const std::string& token) {
  std::uint64_t after = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), after);
  if (token.empty() || (error == std::errc() && end == token.data() + token.size())) return after;
  return invalid("page_token", in_quotes(token) + " is no next_page_token of an earlier page");
}

core::Result<int> page_size_of(const v1::ListRequest& request) {
  if (request.page_size() < 0) {
    return invalid("page_size", std::to_string(request.page_size()) + " is negative");
  }
  return request.page_size() == 0 ? kUsualPage : std::min(request.page_size(), kLargestPage);
}

core::Result<void> fill_times(const v1::ListRequest& request, const WallTime& clock, core::ListFilter& filter) {
  if (request.has_submitted_from()) {
    const auto time = to_wall_time("submitted_from", request.submitted_from());
    if (!time) return tl::unexpected(time.error());
    filter.submitted_from = clock.steady(*time);
  }
  if (request.has_submitted_before()) {
    const auto time = to_wall_time("submitted_before", request.submitted_before());
    if (!time) return tl::unexpected(time.error());
    filter.submitted_before = clock.steady(*time);
  }
  return {};
}

}  // namespace

grpc::ServerUnaryReactor* FutureService::Cancel(grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                                grpc::ByteBuffer* response) {
  return answer_when_stored<v1::CancelRequest>(
      parts_.table, parts_.gate, {methods::kCancel, context, bytes, response},
      [this](const Caller& caller, const auto& request) { return cancel(caller, request); });
}

grpc::ServerUnaryReactor* FutureService::Get(grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                             grpc::ByteBuffer* response) {
  return answer<v1::GetRequest>(parts_.gate, {"/futured.v1.FutureService/Get", context, bytes, response},
                                [this](const Caller& caller, const auto& request) { return get(caller, request); });
}

grpc::ServerUnaryReactor* FutureService::List(grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                              grpc::ByteBuffer* response) {
  return answer<v1::ListRequest>(parts_.gate, {"/futured.v1.FutureService/List", context, bytes, response},
                                 [this](const Caller& caller, const auto& request) { return list(caller, request); });
}

grpc::ServerUnaryReactor* FutureService::Forget(grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                                grpc::ByteBuffer* response) {
  return answer_when_stored<v1::ForgetRequest>(
      parts_.table, parts_.gate, {"/futured.v1.FutureService/Forget", context, bytes, response},
      [this](const Caller& caller, const auto& request) { return forget(caller, request); });
}

core::Result<v1::CancelResponse> FutureService::cancel(const Caller& caller, const v1::CancelRequest& request) {
  const auto how = to_cancel("", request.mode(), request.grace());
  if (!how) return tl::unexpected(how.error());
  if (request.ids().empty() == request.session().empty()) {
    return invalid("ids, session", "exactly one of them must be set");
  }
  v1::CancelResponse response;
  if (!request.session().empty()) {
    const auto session = to_session("session", request.session());
    if (!session) return tl::unexpected(session.error());
    const auto counts = parts_.table.cancel_all(caller.account, *session, how->mode, how->grace);
    response.set_cancelled(counts.cancelled);
    response.set_stop_requested(counts.stop_requested);
    return response;
  }
  const auto ids = to_ids(request.ids(), limits_);
  if (!ids) return tl::unexpected(ids.error());
  for (const core::CancelEffect effect : parts_.table.cancel(caller.account, *ids, how->mode, how->grace)) {
    response.add_effects(to_proto(effect));
    response.set_cancelled(response.cancelled() + (effect == core::CancelEffect::kCancelled ? 1 : 0));
    response.set_stop_requested(response.stop_requested() + (was_asked_to_stop(effect) ? 1 : 0));
  }
  return response;
}

core::Result<v1::GetResponse> FutureService::get(const Caller& caller, const v1::GetRequest& request) const {
  const auto ids = to_ids(request.ids(), limits_);
  if (!ids) return tl::unexpected(ids.error());
  const auto names = executor_names(parts_.table);
  const WallTime time(parts_.clock);
  OutcomeBudget budget(limits_);
  v1::GetResponse response;
  for (const auto& future : parts_.table.get(caller.account, *ids)) {
    if (!future) continue;
    v1::Future& added = *response.add_futures();
    added = to_proto(*future, names[future->executor], time);
    const bool has_outcome = request.outcomes() && is_final(future->state);
    const std::uint64_t size =
        (has_outcome ? future->outcome.size() : 0) + (request.with_arguments() ? future->arguments.size() : 0);
    if (size > 0 && !budget.take(size)) {
      return core::field_failure(core::Reason::kAnswerTooLarge, "ids",
                                 "what was asked for of these " + std::to_string(ids->size()) +
                                     " futures exceeds the limit of " + std::to_string(limits_.max_answer_size) +
                                     " bytes an answer; ask for fewer at once");
    }
    if (has_outcome) *added.mutable_outcome() = to_proto(future->outcome);
    if (request.with_arguments() && !read_arguments(*future, *added.mutable_arguments())) added.clear_arguments();
  }
  return response;
}

core::Result<v1::ListResponse> FutureService::list(const Caller& caller, const v1::ListRequest& request) const {
  const auto page_size = page_size_of(request);
  if (!page_size) return tl::unexpected(page_size.error());
  const auto filter = filter_of(request);
  if (!filter) return tl::unexpected(filter.error());

  // One more than the page, to see whether it is the last.
  const auto found = parts_.table.list(caller.account, *filter, static_cast<std::size_t>(*page_size) + 1);
  const auto names = executor_names(parts_.table);
  const WallTime time(parts_.clock);
  v1::ListResponse response;
  std::uint64_t bytes = 0;
  for (const core::FutureSnapshot& future : found) {
    if (response.futures_size() == *page_size || bytes > limits_.max_answer_size) {
      response.set_next_page_token(
          std::to_string(found[static_cast<std::size_t>(response.futures_size()) - 1].sequence));
      break;
    }
    *response.add_futures() = to_proto(future, names[future.executor], time);
    bytes += response.futures().rbegin()->ByteSizeLong();
  }
  return response;
}

core::Result<core::ListFilter> FutureService::filter_of(const v1::ListRequest& request) const {
  core::ListFilter filter;
  const auto after = read_page_token(request.page_token());
  if (!after) return tl::unexpected(after.error());
  filter.after = *after;
  filter.newest_first = request.newest_first();
  for (int i = 0; i < request.states_size(); ++i) {
    const v1::FutureState state = request.states(i);
    if (state == v1::FUTURE_STATE_UNSPECIFIED || !v1::FutureState_IsValid(state)) {
      return invalid("states[" + std::to_string(i) + "]", std::to_string(state) + " is no state");
    }
    filter.states.push_back(to_core(state));
  }
  if (!request.function().empty()) {
    if (auto valid = check_function_name("function", request.function()); !valid) return tl::unexpected(valid.error());
    filter.function = request.function();
  }
  if (!request.executor().empty()) {
    const auto executor = parts_.table.find_executor(printable(request.executor()));
    if (!executor) return tl::unexpected(in_field("executor", executor.error()));
    filter.executor = *executor;
  }
  if (!request.session().empty()) {
    const auto session = to_session("session", request.session());
    if (!session) return tl::unexpected(session.error());
    filter.session = *session;
  }
  auto labels = to_labels("labels", request.labels());
  if (!labels) return tl::unexpected(labels.error());
  filter.labels = *std::move(labels);
  if (auto filled = fill_times(request, WallTime(parts_.clock), filter); !filled) return tl::unexpected(filled.error());
  return filter;
}

core::Result<v1::ForgetResponse> FutureService::forget(const Caller& caller, const v1::ForgetRequest& request) {
  const auto ids = to_ids(request.ids(), limits_);
  if (!ids) return tl::unexpected(ids.error());
  v1::ForgetResponse response;
  const auto effects = parts_.table.forget(caller.account, *ids);
  for (std::size_t i = 0; i < effects.size(); ++i) {
    if (effects[i] == core::ForgetEffect::kForgotten) response.add_forgotten(to_string((*ids)[i]));
    if (effects[i] == core::ForgetEffect::kUnfinished) response.add_unfinished(to_string((*ids)[i]));
  }
  return response;
}

}  // namespace futured::rpc
