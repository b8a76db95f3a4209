// WatchReactor: one Watch stream. Whatever happens to a future marks it; a message tells of those that are marked how
// they are by then, so what a slow client misses is what the table no longer keeps.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "futured/v1/future_service.pb.h"
#include "server/rpc/stream_reactor.h"

namespace futured::rpc {

class WatchReactor final : public StreamReactor {
 public:
  struct Options {
    // Of futures that differ from each other.
    std::vector<core::FutureId> ids;
    // For each, after which line to begin.
    std::vector<core::LogPosition> positions;
    bool logs = false;
    bool progress = false;
    bool follow = false;
  };

  // Hand the result to gRPC.
  static grpc::ServerWriteReactor<grpc::ByteBuffer>* start(const Parts& parts, const Caller& caller,
                                                           grpc::CallbackServerContext& context, Options options);

 private:
  // What is known of one future, and what of it was told.
  struct Watched {
    core::Handle handle;
    core::LogPosition position;
    core::State state = core::State::kPending;
    std::uint32_t attempt = 0;
    std::shared_ptr<const core::Progress> progress;
    bool told = false;
    // Waits in `marked_`.
    bool marked = false;
    // It has ended, and is held until all of it is told.
    bool held = false;
    bool done = false;
  };

  WatchReactor(const Parts& parts, const Caller& caller, grpc::CallbackServerContext& context, Options options);

  core::Result<void> subscribe() override;
  Next prepare(grpc::ByteBuffer& message) override;
  void leave() override;

  // Marks what has come up.
  void take_events();
  // Tells of those that are marked, as far as one message goes.
  v1::WatchResponse news_of_marked();
  // Adds what is new of one. False: there is more of it.
  bool tell(std::size_t index, v1::WatchResponse& response);
  bool is_new(const Watched& watched, const core::FutureNews& news) const;
  void mark(std::size_t index);
  void finish_with(Watched& watched);
  void break_off(std::size_t index);

  const Options options_;
  // Of the busy one.
  std::vector<Watched> watched_;
  std::deque<std::size_t> marked_;
  std::size_t unfinished_;
  // A future is gone, and the stream ends for that.
  bool broken_ = false;
};

}  // namespace futured::rpc
