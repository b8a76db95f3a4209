#include "server/rpc/store_service.h"

#include <chrono>
#include <utility>

#include "futured/v1/store_service.pb.h"
#include "server/rpc/subject.h"
#include "server/rpc/wire.h"

namespace futured::rpc {
namespace {

constexpr std::string_view kBackup = "/futured.v1.StoreService/Backup";

struct OnlyOne {};

}  // namespace

StoreService::StoreService(const Parts& parts, std::function<std::filesystem::path()> new_copy)
    : parts_(parts), new_copy_(std::move(new_copy)), backup_{parts.store, new_copy_, thread_, calls_} {}

grpc::ServerWriteReactor<grpc::ByteBuffer>* StoreService::Backup(grpc::CallbackServerContext* context,
                                                                 const grpc::ByteBuffer* bytes) {
  const auto refuse = [&](const core::Status& status) { return BackupReactor::refuse(backup_, *context, status); };
  const auto caller = parts_.gate.admit(*context, kBackup);
  if (!caller) return refuse(caller.error());
  v1::BackupRequest request;
  if (auto parsed = parse(*bytes, request); !parsed) return refuse(parsed.error());
  auto stream = OpenStream::open(parts_.table, caller->account);
  if (!stream) return refuse(stream.error());
  if (auto turn = take_turn()) {
    record(parts_.gate, *caller, kBackup, request);
    return BackupReactor::start(backup_, *caller, *context, *std::move(stream), std::move(turn));
  }
  return refuse(
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
