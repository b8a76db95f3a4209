// BackupReactor: one Backup stream.
//
// It has two halves. First the copy is made, on a thread for that, as it takes seconds for each gigabyte; the call may
// end without waiting for it. Then the copy is streamed, one write in flight, by whoever gRPC tells that the last one
// is done: so a client that reads slowly costs a file, and no thread.
//
// Lifetime: it keeps itself alive from start() to OnDone, and the thread keeps it until the copy is made or given up.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "server/core/mutex.h"
#include "server/core/status.h"
#include "server/core/store.h"
#include "server/rpc/copy_file.h"
#include "server/rpc/live_calls.h"
#include "server/rpc/open_stream.h"
#include "server/rpc/work_thread.h"

namespace futured::rpc {

class BackupReactor final : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
                            public LiveCall,
                            public std::enable_shared_from_this<BackupReactor> {
 public:
  // Not owned; they outlive the reactor.
  struct Parts {
    const core::Store& store;
    // Names a file that is not there, for a copy. Called by the thread.
    const std::function<std::filesystem::path()>& new_copy;
    WorkThread& thread;
    LiveCalls& calls;
  };
  // Exists as long as a copy is being made, or is there.
  using Turn = std::shared_ptr<const void>;

  // Hand the result to gRPC.
  static grpc::ServerWriteReactor<grpc::ByteBuffer>* start(const Parts& parts, const Caller& caller,
                                                           grpc::CallbackServerContext& context, OpenStream stream,
                                                           Turn turn);
  // A stream that ends at once.
  static grpc::ServerWriteReactor<grpc::ByteBuffer>* refuse(const Parts& parts, grpc::CallbackServerContext& context,
                                                            const core::Status& status);

  // LiveCall
  void end(const core::Status& status) override FUTURED_EXCLUDES(mu_);

  // gRPC's reactions
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  BackupReactor(const Parts& parts, grpc::CallbackServerContext& context) : parts_(parts), context_(context) {}

  // On the thread.
  void copy(Turn turn) FUTURED_EXCLUDES(mu_);
  core::Result<CopyFile> make_copy();
  // Writes the next piece, or finishes. Not while the copy is being made.
  void proceed() FUTURED_EXCLUDES(mu_);
  void finish(const core::Status& status);
  // What others may wait for.
  void let_go();
  std::optional<core::Status> ended() const FUTURED_EXCLUDES(mu_);

  const Parts parts_;
  grpc::CallbackServerContext& context_;
  // Until OnDone.
  std::optional<OpenStream> stream_;
  std::shared_ptr<BackupReactor> self_;

  // Of the one who writes and finishes: end() while the copy is being made, afterwards proceed().
  Turn turn_;
  std::optional<CopyFile> file_;
  // Belongs to gRPC while a write is in flight.
  grpc::ByteBuffer message_;

  mutable core::Mutex mu_;
  // The copy is being made. Whoever sets it to false goes on.
  bool copying_ FUTURED_GUARDED_BY(mu_) = false;
  std::optional<core::Status> ended_ FUTURED_GUARDED_BY(mu_);
};

}  // namespace futured::rpc
