#include "server/worker/conversation.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace futured::worker {
namespace {

// Of a hello.
constexpr std::size_t kFirstFrameSize = std::size_t{1} << 20;

}  // namespace

Conversation::Conversation(exec::UniqueFd socket) : socket_(std::move(socket)), reader_(kFirstFrameSize) {}

void Conversation::limit_frames(std::uint64_t max_frame_size) { reader_.limit(max_frame_size); }

Conversation::Heard Conversation::hear(v1::ToWorker& message, std::optional<std::chrono::milliseconds> patience) {
  for (;;) {
    if (const auto frame = reader_.next()) {
      const bool parsed = message.ParseFromArray(frame->data(), static_cast<int>(frame->size()));
      return parsed ? Heard::kMessage : Heard::kEnd;
    }
    if (!reader_.error().empty()) return Heard::kEnd;
    pollfd readable{socket_.get(), POLLIN, 0};
    const int ready = ::poll(&readable, 1, patience ? static_cast<int>(patience->count()) : -1);
    if (ready == 0) return Heard::kNothing;
    if ((ready < 0 && errno != EINTR) || (ready > 0 && !read())) return Heard::kEnd;
  }
}

bool Conversation::read() {
  const auto space = reader_.space();
  const ssize_t size = ::recv(socket_.get(), space.data(), space.size(), 0);
  if (size > 0) reader_.filled(static_cast<std::size_t>(size));
  return size > 0 || (size < 0 && errno == EINTR);
}

bool Conversation::say(const v1::FromWorker& message) {
  std::string frame;
  exec::append_frame(message, frame);
  return say_frames(frame);
}

bool Conversation::say_frames(std::string_view frames) {
  const std::lock_guard lock(saying_);
  while (!frames.empty()) {
    const ssize_t size = ::send(socket_.get(), frames.data(), frames.size(), MSG_NOSIGNAL);
    if (size < 0 && errno != EINTR) return false;
    if (size > 0) frames.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

}  // namespace futured::worker
