// Frames: how messages travel between the daemon and its workers. A length of four bytes, little-endian, then a
// serialized message; futured/worker/v1/worker.proto is the contract.
#pragma once

#include <google/protobuf/message_lite.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace futured::exec {

constexpr std::size_t kFrameHeaderSize = 4;

// Appends a message as a frame. REQUIRES: it is smaller than 2 GiB.
void append_frame(const google::protobuf::MessageLite& message, std::string& out);

// Takes frames out of a stream of bytes that arrives in pieces. Holds no more than a frame and what one read brings.
// Not thread-safe.
class FrameReader {
 public:
  // A frame above `max_frame_size` bytes is an error.
  explicit FrameReader(std::size_t max_frame_size) : max_frame_size_(max_frame_size) {}

  // Adds bytes that have arrived already.
  void append(std::string_view bytes);
  // Changes the limit, for frames that have not been read.
  void limit(std::size_t max_frame_size) { max_frame_size_ = max_frame_size; }

  // Where the next bytes of the stream go; never empty. Invalidates frames.
  std::span<char> space();
  // `size` bytes were written there.
  void filled(std::size_t size) { end_ += size; }
  // The next whole frame, valid until space(). Nothing: more bytes are needed, or the stream is broken.
  std::optional<std::string_view> next();
  // Why the stream is broken: a frame that is empty or too large. Nothing can be read after it. Empty: it is not.
  const std::string& error() const { return error_; }

 private:
  std::size_t max_frame_size_;
  std::string buffer_;
  // What has arrived and is not read.
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::string error_;
};

}  // namespace futured::exec
