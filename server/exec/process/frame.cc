#include "server/exec/process/frame.h"

#include <algorithm>
#include <cstring>

namespace futured::exec {
namespace {

// Least room for one read.
constexpr std::size_t kReadSize = std::size_t{64} << 10;

std::size_t length_at(const char* bytes) {
  const auto byte = [&](int i) { return static_cast<std::size_t>(static_cast<unsigned char>(bytes[i])) << (8 * i); };
  return byte(0) | byte(1) | byte(2) | byte(3);
}

}  // namespace

void append_frame(const google::protobuf::MessageLite& message, std::string& out) {
  const std::size_t size = message.ByteSizeLong();
  const std::size_t start = out.size();
  out.resize(start + kFrameHeaderSize + size);
  char* place = out.data() + start;
  for (std::size_t i = 0; i < kFrameHeaderSize; ++i) place[i] = static_cast<char>(size >> (8 * i) & 0xff);
  message.SerializeWithCachedSizesToArray(reinterpret_cast<std::uint8_t*>(place + kFrameHeaderSize));
}

std::span<char> FrameReader::space() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  std::size_t wanted = end_ + kReadSize;
  if (end_ >= kFrameHeaderSize && error_.empty()) {
    wanted = std::max(wanted, kFrameHeaderSize + std::min(length_at(buffer_.data()), max_frame_size_));
  }
  if (buffer_.size() < wanted) buffer_.resize(wanted);
  return {buffer_.data() + end_, buffer_.size() - end_};
}

void FrameReader::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::span<char> place = space();
    const std::size_t size = std::min(place.size(), bytes.size());
    std::memcpy(place.data(), bytes.data(), size);
    filled(size);
    bytes.remove_prefix(size);
  }
}

std::optional<std::string_view> FrameReader::next() {
  if (!error_.empty() || end_ - begin_ < kFrameHeaderSize) return std::nullopt;
  const std::size_t size = length_at(buffer_.data() + begin_);
  if (size == 0 || size > max_frame_size_) {
    error_ = "a frame announces " + std::to_string(size) + " bytes; 1 to " + std::to_string(max_frame_size_) +
             " are allowed";
    return std::nullopt;
  }
  if (end_ - begin_ < kFrameHeaderSize + size) return std::nullopt;
  const std::string_view frame(buffer_.data() + begin_ + kFrameHeaderSize, size);
  begin_ += kFrameHeaderSize + size;
  return frame;
}

}  // namespace futured::exec
