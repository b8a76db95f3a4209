// Conversation: the worker's end of the worker protocol (futured/worker/v1/worker.proto): whole messages in and out.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "futured/worker/v1/worker.pb.h"
#include "server/exec/process/frame.h"
#include "server/exec/process/unique_fd.h"

namespace futured::worker {

class Conversation {
 public:
  // `socket` is blocking. Frames of up to 1 MiB are read until limit_frames() says otherwise.
  explicit Conversation(exec::UniqueFd socket);
  // Of frames that are read, bytes.
  void limit_frames(std::uint64_t max_frame_size);

  enum class Heard { kMessage, kNothing, kEnd };
  // Waits for the next message; kNothing when the time is up. kEnd: the daemon is gone, or talks nonsense. For one
  // thread.
  Heard hear(worker::v1::ToWorker& message, std::optional<std::chrono::milliseconds> patience);
  // Returns when the kernel has it. False: the daemon is gone. From any thread.
  bool say(const worker::v1::FromWorker& message);
  bool say_frames(std::string_view frames);

 private:
  bool read();

  const exec::UniqueFd socket_;
  exec::FrameReader reader_;
  std::mutex saying_;
};

}  // namespace futured::worker
