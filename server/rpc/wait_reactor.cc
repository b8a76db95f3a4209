#include "server/rpc/wait_reactor.h"

#include <utility>

#include "server/rpc/convert.h"
#include "server/rpc/wire.h"

namespace futured::rpc {

WaitReactor::WaitReactor(LiveCalls& calls, const Call& call, Answer answer)
    : calls_(calls), call_(call), answer_(std::move(answer)) {}

grpc::ServerUnaryReactor* WaitReactor::start(const Parts& parts, const Call& call, const core::Waiter::Options& options,
                                             std::size_t count, const Begin& begin, Answer answer) {
  const std::shared_ptr<WaitReactor> reactor(new WaitReactor(parts.calls, call, std::move(answer)));
  auto waiter = core::Waiter::open(parts.waiting, call.caller.account, options, count,
                                   [raw = reactor.get()](const auto& ending) { raw->finish(ending); });
  if (!waiter) return refuse(call.context, waiter.error());
  reactor->waiter_ = std::move(*waiter);
  reactor->self_ = reactor;
  parts.calls.add(reactor, call.caller);
  if (auto begun = begin(*reactor->waiter_); !begun) reactor->Finish(to_grpc(begun.error(), call.context));
  return reactor.get();
}

void WaitReactor::finish(const core::Result<core::Waiter::Ending>& ending) {
  const auto answered = ending ? answer_(*waiter_, *ending, call_.response) : tl::unexpected(ending.error());
  Finish(answered ? grpc::Status::OK : to_grpc(answered.error(), call_.context));
}

void WaitReactor::OnCancel() { waiter_->abort({core::Reason::kCallerGone, "the caller gave up", {}}); }

void WaitReactor::OnDone() {
  calls_.remove(this);
  const auto last = std::move(self_);
}

}  // namespace futured::rpc
