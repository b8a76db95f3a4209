// KeptMessage: a protobuf message that keeps its memory from one use to the next.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

namespace futured::detail {

// Each thread keeps one message of a type. Whoever needs one while it is in use, a codec within a codec, gets another.
// For use by one thread, within one function.
template <class Message>
class KeptMessage {
 public:
  KeptMessage() : message_(std::move(kept())) {
    if (message_ == nullptr) message_ = std::make_unique<Message>();
  }

  Message& operator*() { return *message_; }
  Message* operator->() { return message_.get(); }

  // To be called when all went well; else the message goes with this object, and so does one that grew large.
  void keep(std::size_t serialized_size) {
    constexpr std::size_t kLargest = std::size_t{1} << 14;
    if (serialized_size > kLargest) return;
    message_->Clear();
    kept() = std::move(message_);
  }

 private:
  static std::unique_ptr<Message>& kept() {
    thread_local std::unique_ptr<Message> message;
    return message;
  }

  std::unique_ptr<Message> message_;
};

}  // namespace futured::detail
