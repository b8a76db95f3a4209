// IdIndex: from a future's ID to its place in the slab.
//
// IDs of a session count up, so the index is a hash table of pages of 64 consecutive IDs: a batch of tasks costs one
// look-up a page, and neighbours share cache lines. Pages hash with a secret, so that a client cannot aim at
// collisions. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <unordered_map>

#include "server/core/ids.h"
#include "server/core/slab.h"

namespace futured::core {

class IdIndex {
 public:
  // kNone when absent.
  std::uint32_t find(FutureId id) {
    const Page* page = find_page(key_of(id));
    return page == nullptr ? kNone : page->slots[offset_of(id)];
  }
  // REQUIRES: absent.
  void insert(FutureId id, std::uint32_t slot) {
    const FutureId key = key_of(id);
    Page* page = find_page(key);
    if (page == nullptr) {
      page = &pages_[key];
      page->slots.fill(kNone);
      page->used = 0;
      remember(key, page);
    }
    page->slots[offset_of(id)] = slot;
    ++page->used;
  }
  // REQUIRES: present.
  void erase(FutureId id) {
    const FutureId key = key_of(id);
    Page* page = find_page(key);
    page->slots[offset_of(id)] = kNone;
    if (--page->used > 0) return;
    remember(key, nullptr);
    pages_.erase(key);
  }

 private:
  static constexpr std::uint64_t kPageSize = 64;
  struct Page {
    std::array<std::uint32_t, kPageSize> slots;
    std::uint32_t used;
  };
  struct Hash {
    Hash() : secret(std::random_device()()) {}
    std::size_t operator()(FutureId key) const { return hash_words(key.high, key.low, secret); }
    std::uint64_t secret;
  };

  static FutureId key_of(FutureId id) { return {id.high, id.low / kPageSize}; }
  static std::size_t offset_of(FutureId id) { return id.low % kPageSize; }

  Page* find_page(FutureId key) {
    if (last_ != nullptr && last_key_ == key) return last_;
    const auto it = pages_.find(key);
    if (it == pages_.end()) return nullptr;
    remember(key, &it->second);
    return last_;
  }
  void remember(FutureId key, Page* page) {
    last_key_ = key;
    last_ = page;
  }

  std::unordered_map<FutureId, Page, Hash> pages_;
  // The page used last: neighbours come together.
  FutureId last_key_;
  Page* last_ = nullptr;
};

}  // namespace futured::core
