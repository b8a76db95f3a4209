#include "server/rpc/backup_reactor.h"

#include <utility>

#include "futured/v1/store_service.pb.h"
#include "server/rpc/convert.h"
#include "server/rpc/wire.h"

namespace futured::rpc {
namespace {

constexpr std::size_t kBytesAtOnce = std::size_t{256} << 10;

}  // namespace

grpc::ServerWriteReactor<grpc::ByteBuffer>* BackupReactor::start(const Parts& parts, const Caller& caller,
                                                                 grpc::CallbackServerContext& context,
                                                                 OpenStream stream, Turn turn) {
  const std::shared_ptr<BackupReactor> reactor(new BackupReactor(parts, context));
  reactor->self_ = reactor;
  reactor->stream_.emplace(std::move(stream));
  reactor->turn_ = turn;
  {
    core::MutexLock lock(reactor->mu_);
    reactor->copying_ = true;
  }
  parts.calls.add(reactor, caller);
  parts.thread.post([reactor, turn = std::move(turn)]() mutable { reactor->copy(std::move(turn)); });
  return reactor.get();
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* BackupReactor::refuse(const Parts& parts,
                                                                  grpc::CallbackServerContext& context,
                                                                  const core::Status& status) {
  const std::shared_ptr<BackupReactor> reactor(new BackupReactor(parts, context));
  reactor->self_ = reactor;
  reactor->finish(status);
  return reactor.get();
}

// --- The copy.

void BackupReactor::copy(Turn turn) {
  auto file = make_copy();
  turn.reset();
  {
    core::MutexLock lock(mu_);
    if (!std::exchange(copying_, false)) return;
  }
  if (!file) return finish(file.error());
  file_.emplace(*std::move(file));
  proceed();
}

core::Result<CopyFile> BackupReactor::make_copy() {
  if (const auto status = ended()) return tl::unexpected(*status);
  const auto path = parts_.new_copy();
  const auto done = parts_.store.backup(path, [this] { return ended().has_value(); });
  if (!done) return tl::unexpected(done.error());
  return CopyFile::take(path);
}

// --- The stream.

void BackupReactor::proceed() {
  if (const auto status = ended()) return finish(*status);
  v1::BackupResponse response;
  if (file_->left() == file_->size()) response.set_total_size(file_->size());
  auto bytes = file_->read(kBytesAtOnce);
  if (!bytes) return finish(bytes.error());
  response.set_data(*std::move(bytes));
  serialize(response, message_);
  if (file_->left() > 0) return StartWrite(&message_);
  let_go();
  StartWriteAndFinish(&message_, grpc::WriteOptions(), grpc::Status::OK);
}

void BackupReactor::OnWriteDone(bool ok) {
  if (!ok) end({core::Reason::kCallerGone, "the stream broke", {}});
  proceed();
}

// --- The end.

void BackupReactor::end(const core::Status& status) {
  {
    core::MutexLock lock(mu_);
    if (!ended_) ended_ = status;
    if (!std::exchange(copying_, false)) return;
  }
  finish(status);
}

void BackupReactor::OnCancel() { end({core::Reason::kCallerGone, "the caller gave up", {}}); }

void BackupReactor::OnDone() {
  stream_.reset();
  parts_.calls.remove(this);
  const auto last = std::move(self_);
}

void BackupReactor::finish(const core::Status& status) {
  let_go();
  Finish(to_grpc(status, context_));
}

void BackupReactor::let_go() {
  file_.reset();
  turn_.reset();
}

std::optional<core::Status> BackupReactor::ended() const {
  core::MutexLock lock(mu_);
  return ended_;
}

}  // namespace futured::rpc
