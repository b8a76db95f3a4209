// OpenStream: one of the streams that an account may have open at once.
#pragma once

#include <utility>

#include "server/core/future_table.h"

namespace futured::rpc {

// Counted until it is destroyed.
class OpenStream {
 public:
  // The table is not owned and must outlive the stream. Fails like FutureTable::open_stream.
  static core::Result<OpenStream> open(core::FutureTable& table, core::AccountIndex account) {
    if (auto opened = table.open_stream(account); !opened) return tl::unexpected(opened.error());
    return OpenStream(table, account);
  }
  ~OpenStream() {
    if (table_ != nullptr) table_->close_stream(account_);
  }
  OpenStream(OpenStream&& other) noexcept : table_(std::exchange(other.table_, nullptr)), account_(other.account_) {}
  OpenStream& operator=(OpenStream&&) = delete;

 private:
  OpenStream(core::FutureTable& table, core::AccountIndex account) : table_(&table), account_(account) {}

  core::FutureTable* table_;
  core::AccountIndex account_;
};

}  // namespace futured::rpc
