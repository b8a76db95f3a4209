// StoreService: the RPCs of futured.v1.StoreService, on a Store.
#pragma once

#include <grpcpp/grpcpp.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>

#include "futured/v1/store_service.grpc.pb.h"
#include "server/core/clock.h"
#include "server/core/future_table.h"
#include "server/core/mutex.h"
#include "server/core/store.h"
#include "server/rpc/backup_reactor.h"
#include "server/rpc/gate.h"
#include "server/rpc/live_calls.h"
#include "server/rpc/work_thread.h"

namespace futured::rpc {

// It takes bytes; see wire.h.
using RawStoreService = v1::StoreService::WithRawCallbackMethod_Backup<v1::StoreService::Service>;

// One backup at a time.
class StoreService final : public RawStoreService {
 public:
  // Not owned; they outlive the service.
  struct Parts {
    const core::Store& store;
    core::FutureTable& table;
    Gate& gate;
  };
  // `new_copy` names a file that is not there, in a folder where
  // copies may be made; it is called by a thread of the service, and must not throw.
  StoreService(const Parts& parts, std::function<std::filesystem::path()> new_copy);

  // Ends all backups, and later ones too. From any thread.
  void end_backups(const core::Status& status) { calls_.end_all(status); }
  // See LiveCalls.
  void end_unless(const LiveCalls::Check& check) { calls_.end_unless(check); }
  // Backups, until gRPC is done with them. Each must end before the server can.
  std::size_t live_reactors() const { return calls_.size(); }
  // Blocks until there are none, or the deadline: then false.
  bool wait_until_none(core::Time deadline) const { return calls_.wait_until_none(deadline); }
  // Nothing uses the store afterwards. Waits for a copy that is being made: end_backups() comes first. Blocks.
  void stop() { thread_.stop(); }

  grpc::ServerWriteReactor<grpc::ByteBuffer>* Backup(grpc::CallbackServerContext* context,
                                                     const grpc::ByteBuffer* request) override;

 private:
  // Nothing: somebody has it.
  BackupReactor::Turn take_turn() FUTURED_EXCLUDES(mu_);

  const Parts parts_;
  const std::function<std::filesystem::path()> new_copy_;
  LiveCalls calls_;
  core::Mutex mu_;
  std::weak_ptr<const void> turn_ FUTURED_GUARDED_BY(mu_);
  // Ends before all that it uses.
  WorkThread thread_;
  const BackupReactor::Parts backup_;
};

}  // namespace futured::rpc
