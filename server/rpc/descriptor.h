// Descriptor: a descriptor that is closed at the end.
#pragma once

#include <unistd.h>

#include <utility>

namespace futured::rpc {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (valid()) ::close(number_);
  }

  int get() const { return number_; }
  int release() { return std::exchange(number_, -1); }
  bool valid() const { return number_ >= 0; }

 private:
  int number_ = -1;
};

}  // namespace futured::rpc
