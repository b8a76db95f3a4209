#include "server/rpc/store_service.h"

#include <chrono>
#include <utility>

#include "futured/v1/store_service.pb.h"
#include "server/rpc/wire.h"

namespace futured::rpc {
namespace {

struct OnlyOne {};

}  // namespace

StoreService::StoreService(const core::Store& store, std::function<std::filesystem::path()> new_copy)
    : new_copy_(std::move(new_copy)), parts_{store, new_copy_, thread_, calls_} {}

grpc::ServerWriteReactor<grpc::ByteBuffer>* StoreService::Backup(grpc::CallbackServerContext* context,
                                                                 const grpc::ByteBuffer* bytes) {
  v1::BackupRequest request;
  if (auto parsed = parse(*bytes, request); !parsed) return BackupReactor::refuse(parts_, *context, parsed.error());
  if (auto turn = take_turn()) return BackupReactor::start(parts_, *context, std::move(turn));
  return BackupReactor::refuse(
      parts_, *context,
      {core::Reason::kBackupUnderWay, "another backup is under way; there is one at a time", std::chrono::seconds(1)});
}

BackupReactor::Turn StoreService::take_turn() {
  core::MutexLock lock(mu_);
  if (!turn_.expired()) return nullptr;
  auto turn = std::make_shared<const OnlyOne>();
  turn_ = turn;
  return turn;
}

}  // namespace futured::rpc
