// Bytes: an immutable string of bytes that is cheap to copy.
//
// Up to 15 bytes live inside the object, so that a small argument or result costs no allocation; longer ones are shared
// and counted. Distinct objects may be used from different threads, also when they share bytes.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

namespace futured::core {

class Bytes {
 public:
  Bytes() noexcept { tag_ = 0; }
  // Copies `data`. Sizes above 4 GiB are not supported.
  explicit Bytes(std::string_view data) : Bytes() {
    if (data.empty()) return;
    if (data.size() <= kInlineSize) {
      std::memcpy(inline_, data.data(), data.size());
      tag_ = static_cast<unsigned char>(data.size());
    } else {
      set_block(new_block(data));
    }
  }
  Bytes(const Bytes& other) noexcept {
    std::memcpy(static_cast<void*>(this), static_cast<const void*>(&other), sizeof(Bytes));
    if (shared()) block()->references.fetch_add(1, std::memory_order_relaxed);
  }
  Bytes(Bytes&& other) noexcept {
    std::memcpy(static_cast<void*>(this), static_cast<const void*>(&other), sizeof(Bytes));
    other.tag_ = 0;
  }
  Bytes& operator=(Bytes other) noexcept {
    swap(other);
    return *this;
  }
  ~Bytes() {
    if (shared()) release(block());
  }

  std::string_view view() const noexcept {
    if (!shared()) return {inline_, tag_};
    const Block* shared_block = block();
    return {reinterpret_cast<const char*>(shared_block + 1), shared_block->size};
  }
  std::size_t size() const noexcept { return shared() ? block()->size : tag_; }
  // Bytes held outside the object.
  std::size_t heap_size() const noexcept { return shared() ? sizeof(Block) + block()->size : 0; }

  void swap(Bytes& other) noexcept {
    char copy[sizeof(Bytes)];
    std::memcpy(copy, static_cast<const void*>(&other), sizeof(Bytes));
    std::memcpy(static_cast<void*>(&other), static_cast<const void*>(this), sizeof(Bytes));
    std::memcpy(static_cast<void*>(this), copy, sizeof(Bytes));
  }

 private:
  struct Block {
    std::atomic<std::uint32_t> references;
    std::uint32_t size;
  };
  static constexpr std::size_t kInlineSize = 15;
  static constexpr unsigned char kSharedTag = 0xff;

  static Block* new_block(std::string_view data) {
    void* memory = ::operator new(sizeof(Block) + data.size());
    auto* block = new (memory) Block{1, static_cast<std::uint32_t>(data.size())};
    std::memcpy(reinterpret_cast<char*>(block + 1), data.data(), data.size());
    return block;
  }
  static void release(Block* block) noexcept {
    if (block->references.fetch_sub(1, std::memory_order_acq_rel) == 1) ::operator delete(block);
  }
  bool shared() const noexcept { return tag_ == kSharedTag; }
  Block* block() const noexcept {
    Block* pointer;
    std::memcpy(&pointer, inline_, sizeof(pointer));
    return pointer;
  }
  void set_block(Block* pointer) noexcept {
    std::memcpy(inline_, &pointer, sizeof(pointer));
    tag_ = kSharedTag;
  }

  alignas(8) char inline_[kInlineSize];
  // Size of the inline bytes, or kSharedTag.
  unsigned char tag_;
};
static_assert(sizeof(Bytes) == 16);

}  // namespace futured::core
