// IDs of sessions and of their futures: UUIDs of version 8, see futured/v1/session.proto.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace futured::detail {

// 74 random bits that begin the IDs of all futures of one session. Constant.
class SessionId {
 public:
  // Draws one from the system's entropy.
  static SessionId random();

  // The session's own ID: the last group is zero.
  std::string text() const { return future(0); }
  // The ID of future number `counter`, below 2^48.
  std::string future(std::uint64_t counter) const;

 private:
  explicit SessionId(std::string prefix) : prefix_(std::move(prefix)) {}

  std::string prefix_;  // The first four groups, with the dash that follows them.
};

// Whether the text is the ID of a future, of whatever session: a UUID of version 8.
bool is_future_id(std::string_view text);

}  // namespace futured::detail
